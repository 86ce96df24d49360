-- Claimed changes of a part of the flat files, as these have them, by company, id and version, from the first of the part on.
-- params: edition, current, company, id, version, limit
select v.disclosure_id as id, v.company_id as company, v.version, v.edition, v.seq, v.op, v.known_from, v.metric,
       v.period, v.year, v.compared_period, v.measure, v.segment, v.value, v.qualifier, v.unit, v.decimals, v.page,
       v.quote, v.as_reported, v.note, v.source_id
  from claimed_change_file($1::integer, $2::boolean, $3::text, $4::uuid, $5::integer) v
 order by v.company_id, v.disclosure_id, case when $2 then 0 else v.version end
 limit $6::integer
