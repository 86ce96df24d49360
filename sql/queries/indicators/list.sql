-- Indicators as answered at an edition and a date, in company order, one page.
-- params: edition, known_on, company, after, limit, metric, period, year, segment
select v.seq, c.body
  from indicator v
  join change c using (seq)
 where v.edition <= $1::integer and v.known_from <= $2::date and v.op <> 'withdraw'
   and not exists (
         select from indicator n
          where n.disclosure_id = v.disclosure_id and n.edition <= $1 and n.known_from <= $2
            and (n.known_from, n.seq) > (v.known_from, v.seq))
   and ($3::text is null or v.company_id = (select company_of($3, $1)))
   and ($4::bigint is null
        or (v.company_id, v.natural_key) > (select a.company_id, a.natural_key from change a where a.seq = $4))
   and ($6::text is null or v.metric = $6)
   and ($7::text is null or v.period = $7)
   and ($8::integer is null or v.year = $8)
   and ($9::text is null or v.segment = $9)
 order by v.company_id, v.natural_key
 limit $5::integer
