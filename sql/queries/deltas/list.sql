-- One page of pairs of periods that have a claim or two levels (body null), then every version that bears on them.
-- params: edition, known_on, company, after, limit, metric, year
with claim as (
  select v.*
    from claimed_change v
   where v.edition <= $1::integer and v.known_from <= $2::date and v.op <> 'withdraw'
     and ($3::text is null or v.company_id = (select company_of($3, $1)))
     and ($6::text is null or v.metric = $6) and ($7::integer is null or v.year = $7)
     and not exists (
           select from claimed_change n
            where n.disclosure_id = v.disclosure_id and n.edition <= $1 and n.known_from <= $2
              and (n.known_from, n.seq) > (v.known_from, v.seq))
), level as (
  select v.*
    from emission v
   where v.edition <= $1 and v.known_from <= $2 and v.op <> 'withdraw'
     and ($3 is null or v.company_id = (select company_of($3, $1)))
     and ($6 is null or v.metric = $6) and ($7 is null or v.year in ($7, $7 - 1))
     and not exists (
           select from emission n
            where n.disclosure_id = v.disclosure_id and n.edition <= $1 and n.known_from <= $2
              and (n.known_from, n.seq) > (v.known_from, v.seq))
), anchor as (
  select seq, company_id, natural_key, metric, year from claim
  union all
  select l.seq, l.company_id, l.natural_key, l.metric, l.year
    from level l
    join lateral (
         select max(b.period collate "C") as period
           from level b
          where b.company_id = l.company_id and b.metric = l.metric and b.year = l.year - 1
            and length(b.period) = length(l.period)
            and (b.gas, b.boundary, b.geography, b.segment)
                is not distinct from (l.gas, l.boundary, l.geography, l.segment)) base on base.period is not null
   where not exists (
           select from claim c
            where c.company_id = l.company_id and c.metric = l.metric and c.period = l.period
              and c.compared_period = base.period and num_nonnulls(l.gas, l.boundary, l.geography) = 0
              and c.segment is not distinct from l.segment)
), page as (
  select *
    from anchor a
   where ($7 is null or a.year = $7)
     and ($4::bigint is null
          or (a.company_id, a.natural_key) > (select k.company_id, k.natural_key from change k where k.seq = $4))
   order by a.company_id, a.natural_key
   limit $5::integer
), topic as (
  select distinct company_id, metric from page
), bearing as (
  select v.seq from topic t join emission v using (company_id, metric) where v.edition <= $1 and v.known_from <= $2
  union all
  select v.seq from topic t join indicator v using (company_id, metric) where v.edition <= $1 and v.known_from <= $2
  union all
  select v.seq from topic t join claimed_change v using (company_id, metric) where v.edition <= $1 and v.known_from <= $2
)
select p.seq, p.company_id, p.natural_key, null::text as kind, null::bytea as body from page p
union all
select c.seq, null, null, c.kind, c.body from bearing b join change c using (seq)
 order by company_id, natural_key, seq
