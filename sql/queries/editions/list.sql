-- Editions up to one, newest first, one page.
-- params: edition, after, limit
select e.edition as seq, e.edition, e.published_at, e.publisher, e.note, e.versions, e.last_seq, e.known_to,
       encode(sha256(s.sum), 'hex') as state_digest
  from edition e
  left join edition_state s on s.edition = e.edition
 where e.edition <= $1::integer
   and ($2::bigint is null or e.edition < $2)
 order by e.edition desc
 limit $3::integer
