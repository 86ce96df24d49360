-- Says that a company has an identifier no more, from an edition on.
-- params: company_id, scheme, value, edition
update company_identifier set gone = $4::integer
 where company_id = $1::text and scheme = $2::text and value = $3::text and gone is null
