-- Heads of companies after each edition up to one, after another; or only the newest of each that stands by itself.
-- The newest also where the company was merged or set apart again after that other edition.
-- params: edition, since, newest
select r.body
  from company_record r
 where r.edition <= $1::integer
   and (r.edition > $2::integer
        or ($3::boolean and exists (
            select from identity_event e
             where e.event = 'merged_from' and e.other = r.company_id and e.edition > $2 and e.edition <= $1)))
   and (not $3
        or (merged_into(r.company_id, $1) is null
            and not exists (
                select from company_record n
                 where n.company_id = r.company_id and n.edition > r.edition and n.edition <= $1)))
 order by r.company_id, r.edition
