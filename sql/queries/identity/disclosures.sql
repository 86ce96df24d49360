-- Every question of a scheme that was ever answered, with the first and the newest date of an answer, in no order.
-- params: scheme
select c.company_id, c.kind, c.natural_key, min(c.known_from) as first_on, max(c.known_from) as newest_on
  from change c
 where c.kind in ('targets', 'commitments')
   and starts_with(c.natural_key, $1::text || '|')
 group by c.company_id, c.kind, c.natural_key
