-- Commitments of a part of the flat files, as these have them, by company, id and version, from the first of the part on.
-- params: edition, current, company, id, version, limit
select v.disclosure_id as id, v.company_id as company, v.version, v.edition, v.seq, v.op, v.known_from, v.scheme,
       v.type, v.status, v.published_on, v.deadline, v.horizon_year, v.wording, v.reason, v.page, v.quote,
       v.as_reported, v.note, v.source_id
  from commitment_file($1::integer, $2::boolean, $3::text, $4::uuid, $5::integer) v
 order by v.company_id, v.disclosure_id, case when $2 then 0 else v.version end
 limit $6::integer
