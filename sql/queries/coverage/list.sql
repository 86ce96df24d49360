-- What there is, company by company: kinds with counts, metrics with years; one page.
-- params: edition, known_on, after, limit, company, metric, year
with page as (
  select c.num, c.company_id
    from company c
   where c.edition <= $1::integer
     and ($3::bigint is null or c.company_id > (select a.company_id from company a where a.num = $3))
     and ($5::text is null or c.company_id = (select company_of($5, $1)))
     and ($6::text is null and $7::integer is null or exists (
           select from emission e
            where e.company_id = c.company_id and e.edition <= $1 and e.known_from <= $2::date and e.op <> 'withdraw'
              and ($6 is null or e.metric = $6) and ($7 is null or e.year = $7)
              and not exists (
                    select from emission n
                     where n.disclosure_id = e.disclosure_id and n.edition <= $1 and n.known_from <= $2
                       and (n.known_from, n.seq) > (e.known_from, e.seq))) or exists (
           select from indicator i
            where i.company_id = c.company_id and i.edition <= $1 and i.known_from <= $2 and i.op <> 'withdraw'
              and ($6 is null or i.metric = $6) and ($7 is null or i.year = $7)
              and not exists (
                    select from indicator n
                     where n.disclosure_id = i.disclosure_id and n.edition <= $1 and n.known_from <= $2
                       and (n.known_from, n.seq) > (i.known_from, i.seq))))
   order by c.company_id
   limit $4::integer
), answer as (
  select p.company_id, c.kind, coalesce(e.metric, i.metric) as metric, coalesce(e.year, i.year) as year
    from page p
    join change c using (company_id)
    left join emission e using (seq)
    left join indicator i using (seq)
   where c.edition <= $1 and c.known_from <= $2 and c.op <> 'withdraw'
     and not exists (
           select from change n
            where n.disclosure_id = c.disclosure_id and n.edition <= $1 and n.known_from <= $2
              and (n.known_from, n.seq) > (c.known_from, c.seq))
), kinds as (
  select company_id, json_agg(json_build_object('kind', kind, 'disclosures', n) order by kind) as kinds
    from (select company_id, kind, count(*) as n from answer group by company_id, kind) k
   group by company_id
), metrics as (
  select company_id, json_agg(json_build_object('metric', metric, 'years', years) order by metric) as metrics
    from (select company_id, metric, json_agg(distinct year order by year) as years
            from answer where metric is not null group by company_id, metric) m
   group by company_id
)
select p.num as seq,
       convert_to(json_build_object('company', p.company_id, 'kinds', coalesce(k.kinds, '[]'),
                                    'metrics', coalesce(m.metrics, '[]'))::text, 'UTF8') as body
  from page p
  left join kinds k using (company_id)
  left join metrics m using (company_id)
 order by p.company_id
