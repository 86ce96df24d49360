-- The version that holds for a disclosure at an edition and a date, a withdrawal included.
-- params: edition, known_on, id
-- plan: once
select c.op, c.body
  from change c
 where c.disclosure_id = $3::uuid and c.edition <= $1::integer and c.known_from <= $2::date
 order by c.known_from desc, c.seq desc
 limit 1
