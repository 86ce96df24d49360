-- Says of kept rows whom they are about.
-- params: source_ids, sheets, rows, hashes, company_ids
update raw_row r
   set company_id = p.company_id
  from unnest($1::uuid[], $2::text[], $3::integer[], $4::bytea[], $5::text[]) as p (source_id, sheet, row, hash, company_id)
 where (r.source_id, r.sheet, r.row, r.hash) = (p.source_id, p.sheet, p.row, p.hash)
