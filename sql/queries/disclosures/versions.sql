-- Versions of a disclosure, first to last, one page.
-- params: edition, known_on, id, after, limit
select c.version as seq, c.body
  from change c
 where c.disclosure_id = $3::uuid and c.edition <= $1::integer and c.known_from <= $2::date
   and ($4::bigint is null or c.version > $4)
 order by c.version
 limit $5::integer
