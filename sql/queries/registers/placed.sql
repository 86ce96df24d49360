-- Rows of one source of which it is known whom they are about, in no order.
-- params: source_id
select r.sheet, r.row, r.company_id
  from raw_row r
 where r.source_id = $1::uuid and r.company_id is not null
