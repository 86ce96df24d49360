-- Identity events as answered at an edition and a date, of companies that stand by themselves, in company order, one page.
-- params: edition, known_on, company, after, limit, event
select v.seq, c.body
  from identity_event v
  join change c using (seq)
 where v.edition <= $1::integer and v.known_from <= $2::date and v.op <> 'withdraw'
   and not exists (
         select from identity_event n
          where n.disclosure_id = v.disclosure_id and n.edition <= $1 and n.known_from <= $2
            and (n.known_from, n.seq) > (v.known_from, v.seq))
   and ($3::text is null or v.company_id = (select company_of($3, $1)))
   and ($4::bigint is null
        or (v.company_id, v.natural_key) > (select a.company_id, a.natural_key from change a where a.seq = $4))
   and ($6::text is null or v.event = $6)
   and merged_into(v.company_id, $1) is null
 order by v.company_id, v.natural_key
 limit $5::integer
