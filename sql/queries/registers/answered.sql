-- Questions that one source gives an answer to, in no order.
-- params: source_id
select distinct c.company_id, c.kind, c.natural_key
  from statement s
  join change c using (seq)
 where s.source_id = $1::uuid
