-- A company's head (kind null) and, for each kind, its newest answer and how many there are.
-- params: edition, known_on, company
-- plan: once
with who as (
  select company_of($3::text, $1::integer) as company_id
), answer as (
  select distinct on (c.kind, c.natural_key) c.kind, c.seq, c.known_from, c.op
    from change c
    join who using (company_id)
   where c.edition <= $1 and c.known_from <= $2::date
   order by c.kind, c.natural_key, c.known_from desc, c.seq desc
), summary as (
  select kind, count(*) as disclosures, min(known_from) as first_known_from, max(known_from) as last_known_from,
         (array_agg(seq order by known_from desc, seq desc))[1] as seq
    from answer
   where op <> 'withdraw'
   group by kind
)
select null as kind, null::bigint as disclosures, null::date as first_known_from, null::date as last_known_from, h.body
  from (select r.body from company_record r join who using (company_id)
         where r.edition <= $1 order by r.edition desc limit 1) h
union all
select s.kind, s.disclosures, s.first_known_from, s.last_known_from, c.body
  from summary s
  join change c using (seq)
