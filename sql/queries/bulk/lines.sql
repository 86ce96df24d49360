-- Versions of a part of a kind's file as they are served, by company, id and version, from the first of the part on.
-- params: edition, since, current, kind, company, id, version, limit
select v.body as line
  from change_file($1::integer, $2::integer, $3::boolean, $4::text, $5::text, $6::uuid, $7::integer) v
 order by v.company_id, v.disclosure_id, case when $3 then 0 else v.version end
 limit $8::integer
