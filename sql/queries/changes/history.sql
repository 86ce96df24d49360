-- Changes of one company, newest first, one page.
-- params: edition, known_on, company, after, limit, kind
select c.seq, c.body
  from change c
 where c.edition <= $1::integer and c.known_from <= $2::date
   and c.company_id = (select company_of($3::text, $1))
   and ($4::bigint is null or c.seq < $4)
   and ($6::text is null or c.kind = $6)
 order by c.seq desc
 limit $5::integer
