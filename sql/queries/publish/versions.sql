-- Versions of some disclosures, first to last.
-- params: disclosure_ids
select disclosure_id::text, seq, known_from, content_hash, op = 'withdraw' as withdrawn
  from change
 where disclosure_id = any($1::uuid[])
 order by seq
