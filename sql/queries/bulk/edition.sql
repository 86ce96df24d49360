-- One edition with the digest of its state, or the newest where none is asked for.
-- params: edition
select e.edition, e.published_at, e.last_seq, e.known_to, encode(sha256(s.sum), 'hex') as state_digest
  from edition e
  join edition_state s on s.edition = e.edition
 where $1::integer is null or e.edition = $1
 order by e.edition desc
 limit 1
