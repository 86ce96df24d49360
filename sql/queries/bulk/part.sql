-- The row of a kind's file that stands so many rows after another: where a part begins.
-- params: edition, since, current, kind, company, id, version, skip
select v.company_id as company, v.disclosure_id as id, v.version
  from change_file($1::integer, $2::integer, $3::boolean, $4::text, $5::text, $6::uuid, $7::integer) v
 order by v.company_id, v.disclosure_id, case when $3 then 0 else v.version end
offset $8::integer
 limit 1
