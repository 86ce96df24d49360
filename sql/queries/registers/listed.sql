-- Companies that one release of a register lists, in no order.
-- params: source_id
select distinct r.company_id
  from raw_row r
 where r.source_id = $1::uuid and r.company_id is not null
