-- Company heads that carry an identifier or whose names come near a folded name, nearest first, one page; seq is the rank.
-- params: edition, after, limit, country, sector, scheme, folded, identifier
with named as (
  select n.company_id, greatest(similarity(n.folded, $7::text), word_similarity($7, n.folded)) as score
    from company_name n
   where n.edition <= $1::integer and (n.gone is null or n.gone > $1) and $7 <> ''
     and (n.folded % $7 or $7 <% n.folded
          or n.folded like replace(replace(replace($7, '\', '\\'), '%', '\%'), '_', '\_') || '%')
  union all
  select i.company_id, 2
    from company_identifier i
   where i.value = $8::text and i.edition <= $1 and (i.gone is null or i.gone > $1)
), hit as (
  select company_id, max(score) as score from named where merged_into(company_id, $1) is null group by company_id
), ranked as (
  select row_number() over (order by h.score desc, h.company_id) as seq, r.body
    from hit h
    join lateral (
         select p.body, p.country
           from company_record p
          where p.company_id = h.company_id and p.edition <= $1
          order by p.edition desc
          limit 1) r on true
   where ($4::text is null or r.country = $4)
     and ($5::text is null or exists (
           select from company_class k
            where k.company_id = h.company_id and k.code = $5 and k.edition <= $1 and (k.gone is null or k.gone > $1)))
     and ($6::text is null or exists (
           select from company_identifier i
            where i.company_id = h.company_id and i.scheme = $6 and i.edition <= $1 and (i.gone is null or i.gone > $1)))
)
select seq, body
  from ranked
 where $2::bigint is null or seq > $2
 order by seq
 limit $3::integer
