-- Targets as answered at an edition and a date, in company order, one page.
-- params: edition, known_on, company, after, limit, scheme, term, status, ambition, target_year
select v.seq, c.body
  from target v
  join change c using (seq)
 where v.edition <= $1::integer and v.known_from <= $2::date and v.op <> 'withdraw'
   and not exists (
         select from target n
          where n.disclosure_id = v.disclosure_id and n.edition <= $1 and n.known_from <= $2
            and (n.known_from, n.seq) > (v.known_from, v.seq))
   and ($3::text is null or v.company_id = (select company_of($3, $1)))
   and ($4::bigint is null
        or (v.company_id, v.natural_key) > (select a.company_id, a.natural_key from change a where a.seq = $4))
   and ($6::text is null or v.scheme = $6)
   and ($7::text is null or v.term = $7)
   and ($8::text is null or v.status = $8)
   and ($9::text is null or v.ambition = $9)
   and ($10::integer is null or v.target_year = $10)
 order by v.company_id, v.natural_key
 limit $5::integer
