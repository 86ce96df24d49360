-- Companies whose head changed, or that were merged or set apart again, after one edition up to another.
-- params: edition, since
select r.company_id as company
  from company_record r
 where r.edition <= $1::integer and r.edition > $2::integer
union
select e.other
  from identity_event e
 where e.event = 'merged_from' and e.edition <= $1 and e.edition > $2
 order by company
