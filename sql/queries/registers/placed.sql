-- Rows of one source of which it is known whom they are about, in no order; a merged company counts as the one it is found under.
-- params: source_id
select r.sheet, r.row, coalesce(m.into_id, r.company_id) as company_id
  from raw_row r
  left join merged m using (company_id)
 where r.source_id = $1::uuid and r.company_id is not null
