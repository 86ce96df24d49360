-- Company heads at an edition, by id, one page; a company that was merged into another is found under that one.
-- params: edition, after, limit, country, sector, scheme
select c.num as seq, r.body
  from company c
  join lateral (
       select h.body, h.country
         from company_record h
        where h.company_id = c.company_id and h.edition <= $1
        order by h.edition desc
        limit 1) r on true
 where c.edition <= $1::integer
   and ($2::bigint is null or c.company_id > (select a.company_id from company a where a.num = $2))
   and ($4::text is null or r.country = $4)
   and ($5::text is null or exists (
         select from company_class k
          where k.company_id = c.company_id and k.code = $5 and k.edition <= $1 and (k.gone is null or k.gone > $1)))
   and ($6::text is null or exists (
         select from company_identifier i
          where i.company_id = c.company_id and i.scheme = $6 and i.edition <= $1 and (i.gone is null or i.gone > $1)))
   and not exists (
         select from identity_event e
          where e.other = c.company_id and e.event = 'merged_from' and e.edition <= $1 and e.op <> 'withdraw'
            and not exists (
                  select from identity_event n
                   where n.other = e.other and n.event = 'merged_from' and n.edition <= $1 and n.seq > e.seq))
 order by c.company_id
 limit $3::integer
