-- Every statement to some disclosures in the order of loading, with the version that it made or confirmed.
-- params: disclosure_ids
select s.disclosure_id::text, s.source_id::text, s.known_from, s.answer_hash, s.content_hash, s.seq,
       (c.source_id, c.known_from) = (s.source_id, s.known_from) as made_it,
       c.op = 'withdraw' as withdrawn, s.sheet, s.row, s.raw_hash
  from statement s
  join change c using (seq)
 where s.disclosure_id = any($1::uuid[])
 order by s.statement_id
