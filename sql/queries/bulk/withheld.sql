-- Answers that hold at an edition and may not be given on: which, and the SHA-256 of their bytes.
-- params: edition
select a.disclosure_id::text as id, a.kind, a.company_id as company, encode(sha256(c.body), 'hex') as sha256
  from (select distinct on (c.disclosure_id) c.disclosure_id, c.company_id, c.kind, c.seq, c.op, c.source_id
          from change c
         where c.edition <= $1::integer
         order by c.disclosure_id, c.known_from desc, c.seq desc) a
  join source s using (source_id)
  join change c on c.seq = a.seq
 where a.op <> 'withdraw' and not s.redistributable
 order by a.company_id, a.disclosure_id
