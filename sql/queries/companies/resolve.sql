-- Companies that a slug or an identifier stands for at an edition.
-- params: edition, company
select c.company_id
  from company c
 where c.company_id = $2::text and c.edition <= $1::integer
union
select i.company_id
  from company_identifier i
 where i.scheme = split_part($2, ':', 1) and i.value = split_part($2, ':', 2)
   and i.edition <= $1 and i.check_ok is not false
 order by company_id
 limit 20
