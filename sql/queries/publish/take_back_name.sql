-- Says that a company has a name no more, from an edition on.
-- params: company_id, name, edition
update company_name set gone = $3::integer where company_id = $1::text and name = $2::text and gone is null
