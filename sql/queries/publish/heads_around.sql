-- Heads that one edition changed: before it (null if new), after it, and now; by company.
-- params: edition
select r.company_id, b.body as before, r.body as after, n.body as now
  from company_record r
  left join lateral (
       select p.body from company_record p
        where p.company_id = r.company_id and p.edition < r.edition order by p.edition desc limit 1) b on true
  join lateral (
       select q.body from company_record q where q.company_id = r.company_id order by q.edition desc limit 1) n on true
 where r.edition = $1::integer
 order by r.company_id
