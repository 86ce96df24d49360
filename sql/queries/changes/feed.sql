-- The change log in order of commit, after a place.
-- params: edition, known_on, after, limit, kind, company, op
select c.seq, c.body
  from change c
 where c.edition <= $1::integer and c.known_from <= $2::date and c.seq > $3::bigint
   and ($5::text is null or c.kind = $5)
   and ($6::text is null or c.company_id = (select company_of($6, $1)))
   and ($7::text is null or c.op = $7)
 order by c.seq
 limit $4::integer
