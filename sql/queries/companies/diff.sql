-- Disclosures of a company whose answer differs between two editions, with both answers; null where there is none.
-- params: edition, known_on, company, after, limit, from_edition, to_edition
with seen as (
  select c.disclosure_id, max(c.seq) as last_seq
    from change c
   where c.company_id = (select company_of($3::text, $1::integer)) and c.known_from <= $2::date
     and c.edition > least($6::integer, $7::integer) and c.edition <= greatest($6, $7)
   group by c.disclosure_id
)
select s.last_seq as seq, old.body as old, new.body as new
  from seen s
  left join lateral (
       select c.body, c.op, c.seq from change c
        where c.disclosure_id = s.disclosure_id and c.edition <= $6 and c.known_from <= $2
        order by c.known_from desc, c.seq desc limit 1) old_any on true
  left join lateral (
       select c.body, c.op, c.seq from change c
        where c.disclosure_id = s.disclosure_id and c.edition <= $7 and c.known_from <= $2
        order by c.known_from desc, c.seq desc limit 1) new_any on true
  left join lateral (select old_any.body where old_any.op <> 'withdraw') old on true
  left join lateral (select new_any.body where new_any.op <> 'withdraw') new on true
 where old_any.seq is distinct from new_any.seq and (old.body is not null or new.body is not null)
   and ($4::bigint is null or s.last_seq < $4)
 order by s.last_seq desc
 limit $5::integer
