-- True if somebody published about the same disclosures or companies since they were read.
-- params: marker, disclosure_ids, edition, company_ids
select exists (select from statement where statement_id > $1::bigint and disclosure_id = any($2::uuid[]))
    or exists (select from company_record where edition > $3::integer and company_id = any($4::text[]))
