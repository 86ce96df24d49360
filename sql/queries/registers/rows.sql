-- Raw rows of one release about some companies and those merged into them, or about any if null, in the order of the file.
-- params: source_id, company_ids
select coalesce(m.into_id, r.company_id) as company_id, r.sheet, r.row, r.cells
  from raw_row r
  left join merged m using (company_id)
 where r.source_id = $1::uuid and r.company_id is not null
   and ($2::text[] is null or coalesce(m.into_id, r.company_id) = any($2))
 order by r.sheet, r.row
