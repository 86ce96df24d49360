-- Disclosures of a kind that were touched after one edition up to another and have no answer to give on at the later one.
-- params: edition, since, kind
select t.disclosure_id::text as id
  from (select distinct c.disclosure_id from change c
         where c.kind = $3::text and c.edition <= $1::integer and c.edition > $2::integer) t
  cross join lateral (
       select c.op, c.source_id from change c
        where c.disclosure_id = t.disclosure_id and c.edition <= $1
        order by c.known_from desc, c.seq desc
        limit 1) a
  join source s using (source_id)
 where a.op = 'withdraw' or not s.redistributable
 order by t.disclosure_id
