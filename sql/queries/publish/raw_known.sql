-- Rows that are kept of some sources, and whether it is known whom each is about, in no order.
-- params: source_ids
select source_id::text, sheet, row, hash, company_id is not null as placed
  from raw_row
 where source_id = any($1::uuid[])
