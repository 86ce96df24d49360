-- Editions up to one, newest first, one page.
-- params: edition, after, limit
select edition as seq, edition, published_at, publisher, note, versions, last_seq, known_to
  from edition
 where edition <= $1::integer
   and ($2::bigint is null or edition < $2)
 order by edition desc
 limit $3::integer
