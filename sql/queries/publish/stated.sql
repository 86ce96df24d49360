-- What each source said last to each question about a company, in no order; what was decided about the company itself apart.
-- params: company
select distinct on (s.disclosure_id, s.source_id)
       s.disclosure_id::text, s.source_id::text, s.known_from, s.seq, s.sheet, s.row, s.raw_hash, c.kind, c.company_id,
       c.natural_key, c.op = 'withdraw' as withdrawn
  from statement s
  join change c using (seq)
 where c.company_id = $1::text and c.kind <> 'identity-events'
 order by s.disclosure_id, s.source_id, s.statement_id desc
