-- Raw rows of one release about some companies, in the order of the file.
-- params: source_id, company_ids
select r.company_id, r.sheet, r.row, r.cells
  from raw_row r
 where r.source_id = $1::uuid and r.company_id = any($2::text[])
 order by r.sheet, r.row
