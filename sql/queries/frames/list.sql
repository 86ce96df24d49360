-- One metric and period across companies: answers for the whole company, one page.
-- params: edition, known_on, after, limit, metric, period, year
with answer as (
  (select v.seq, v.company_id, v.natural_key
     from emission v
    where v.edition <= $1::integer and v.known_from <= $2::date and v.op <> 'withdraw'
      and v.metric = $5::text and ($6::text is null or v.period = $6) and ($7::integer is null or v.year = $7)
      and v.gas is null and v.boundary is null and v.geography is null and v.segment is null
      and not exists (
            select from emission n
             where n.disclosure_id = v.disclosure_id and n.edition <= $1 and n.known_from <= $2
               and (n.known_from, n.seq) > (v.known_from, v.seq))
      and ($3::bigint is null
           or (v.company_id, v.natural_key) > (select a.company_id, a.natural_key from change a where a.seq = $3))
    order by v.company_id, v.natural_key
    limit $4::integer)
  union all
  (select v.seq, v.company_id, v.natural_key
     from indicator v
    where v.edition <= $1 and v.known_from <= $2 and v.op <> 'withdraw'
      and v.metric = $5 and ($6 is null or v.period = $6) and ($7 is null or v.year = $7)
      and v.segment is null
      and not exists (
            select from indicator n
             where n.disclosure_id = v.disclosure_id and n.edition <= $1 and n.known_from <= $2
               and (n.known_from, n.seq) > (v.known_from, v.seq))
      and ($3 is null
           or (v.company_id, v.natural_key) > (select a.company_id, a.natural_key from change a where a.seq = $3))
    order by v.company_id, v.natural_key
    limit $4)
)
select a.seq, c.body
  from answer a
  join change c using (seq)
 order by a.company_id, a.natural_key
 limit $4
