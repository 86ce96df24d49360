-- Rows of files as they were read; what is known stays.
-- params: source_id, sheet, row, hash, company_id, cells
insert into raw_row (source_id, sheet, row, hash, company_id, cells)
select * from unnest($1::uuid[], $2::text[], $3::integer[], $4::bytea[], $5::text[], $6::bytea[])
    on conflict do nothing
