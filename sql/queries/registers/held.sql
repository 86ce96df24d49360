-- What a scheme's questions were answered with just before a day, by any source; of some companies, or of all if null.
-- params: scheme, before, company_ids
select distinct on (c.disclosure_id) c.company_id, c.kind, c.natural_key, c.seq, c.known_from, c.op = 'withdraw' as withdrawn,
       s.series, s.publisher
  from change c
  join source s on s.source_id = c.source_id
 where c.kind in ('targets', 'commitments')
   and starts_with(c.natural_key, $1::text || '|')
   and c.known_from < $2::date
   and ($3::text[] is null or c.company_id = any($3::text[]))
 order by c.disclosure_id, c.known_from desc, c.seq desc
