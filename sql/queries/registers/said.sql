-- What one source said last to each question, about some companies, or about all if null; in no order.
-- params: source_id, company_ids
select distinct on (s.disclosure_id) c.company_id, c.kind, c.natural_key, s.content_hash, s.known_from, s.seq,
       c.op = 'withdraw' as withdrawn
  from statement s
  join change c using (seq)
 where s.source_id = $1::uuid
   and ($2::text[] is null or c.company_id = any($2::text[]))
 order by s.disclosure_id, s.statement_id desc
