-- One page of a company's targets that have a percentage, then the levels and claimed changes that bear on them.
-- params: edition, known_on, company, after, limit, metrics
with page as (
  select v.seq, v.natural_key
    from target v
   where v.edition <= $1::integer and v.known_from <= $2::date and v.op <> 'withdraw'
     and v.value_pct is not null
     and v.company_id = (select company_of($3::text, $1))
     and not exists (
           select from target n
            where n.disclosure_id = v.disclosure_id and n.edition <= $1 and n.known_from <= $2
              and (n.known_from, n.seq) > (v.known_from, v.seq))
     and ($4::bigint is null
          or v.natural_key > (select a.natural_key from change a where a.seq = $4))
   order by v.natural_key
   limit $5::integer
), bearing as (
  select v.seq
    from emission v
   where v.edition <= $1 and v.known_from <= $2 and v.op <> 'withdraw'
     and v.company_id = (select company_of($3, $1)) and v.metric = any($6::text[])
     and v.gas is null and v.boundary is null and v.geography is null and v.segment is null
     and exists (select from page)
     and not exists (
           select from emission n
            where n.disclosure_id = v.disclosure_id and n.edition <= $1 and n.known_from <= $2
              and (n.known_from, n.seq) > (v.known_from, v.seq))
  union all
  select v.seq
    from claimed_change v
   where v.edition <= $1 and v.known_from <= $2 and v.op <> 'withdraw'
     and v.company_id = (select company_of($3, $1)) and v.metric = any($6)
     and v.measure = 'change_pct' and v.segment is null
     and exists (select from page)
     and not exists (
           select from claimed_change n
            where n.disclosure_id = v.disclosure_id and n.edition <= $1 and n.known_from <= $2
              and (n.known_from, n.seq) > (v.known_from, v.seq))
), asked as (
  select seq, natural_key from page
  union all
  select seq, null from bearing
)
select a.seq, c.kind, c.body
  from asked a
  join change c using (seq)
 order by a.natural_key, a.seq
