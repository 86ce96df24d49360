-- Some versions of a disclosure, by number.
-- params: edition, known_on, id, versions
-- plan: once
select c.version, c.kind, c.body
  from change c
 where c.disclosure_id = $3::uuid and c.edition <= $1::integer and c.known_from <= $2::date
   and c.version = any($4::integer[])
 order by c.version
