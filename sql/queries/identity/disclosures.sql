-- Every question of a scheme that a source answers, with the first and the newest date of an answer, in no order.
-- params: scheme
with said as (
  select distinct on (s.disclosure_id, s.source_id) c.company_id, c.kind, c.natural_key, s.known_from, c.op
    from statement s
    join change c using (seq)
   where c.kind in ('targets', 'commitments')
     and starts_with(c.natural_key, $1::text || '|')
   order by s.disclosure_id, s.source_id, s.statement_id desc
)
select a.company_id, a.kind, a.natural_key, min(a.known_from) filter (where a.op <> 'withdraw') as first_on,
       max(a.known_from) as newest_on
  from said a
 group by a.company_id, a.kind, a.natural_key
having bool_or(a.op <> 'withdraw')
