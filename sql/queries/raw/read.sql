-- The row that a version was read from.
-- params: edition, known_on, id, version
select r.source_id::text as source, s2.sha256, r.sheet, r.row, r.cells
  from change c
  join statement s on s.seq = c.seq and s.source_id = c.source_id and s.content_hash = c.content_hash
  join raw_row r on (r.source_id, r.sheet, r.row, r.hash) = (s.source_id, s.sheet, s.row, s.raw_hash)
  join source s2 on s2.source_id = r.source_id
 where c.disclosure_id = $3::uuid and c.version = $4::integer
   and c.edition <= $1::integer and c.known_from <= $2::date
 order by s.statement_id
 limit 1
