-- The newest profile head of every company that stands by itself, by company: what importers match rows against.
select distinct on (r.company_id) r.company_id, r.body
  from company_record r
 where not exists (select from merged m where m.company_id = r.company_id)
 order by r.company_id, r.edition desc
