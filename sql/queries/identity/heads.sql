-- The profile head of every company after its newest change, by company: what importers match rows against.
select distinct on (r.company_id) r.company_id, r.body
  from company_record r
 order by r.company_id, r.edition desc
