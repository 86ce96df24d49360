-- Says that a company is in a class no more, from an edition on.
-- params: company_id, scheme, code, edition
update company_class set gone = $4::integer where company_id = $1::text and scheme = $2::text and code = $3::text and gone is null
