-- Every question of a scheme that was ever answered, with the newest date of an answer, in no order.
-- params: scheme
select c.company_id, c.kind, c.natural_key, max(c.known_from) as known_from
  from change c
 where c.kind in ('targets', 'commitments')
   and starts_with(c.natural_key, $1::text || '|')
 group by c.company_id, c.kind, c.natural_key
