-- Companies that a slug or an identifier stands for at an edition, and for a slug what it was merged into, in the end.
-- params: edition, company
-- plan: once
with recursive chain (company_id, place) as (
  select c.company_id, 0 from company c where c.company_id = $2::text and c.edition <= $1::integer
  union all
  select merged_into(h.company_id, $1), h.place + 1
    from chain h
   where merged_into(h.company_id, $1) is not null
)
(select h.company_id, h.company_id <> $2 as is_merged from chain h order by h.place desc limit 1)
union
select i.company_id, false
  from company_identifier i
 where i.scheme = split_part($2, ':', 1) and i.value = split_part($2, ':', 2)
   and i.edition <= $1 and (i.gone is null or i.gone > $1) and i.check_ok is not false
   and merged_into(i.company_id, $1) is null
 order by company_id
 limit 20
