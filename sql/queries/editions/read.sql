-- One edition.
-- params: number
-- plan: once
select e.edition, e.published_at, e.publisher, e.note, e.versions, e.last_seq, e.known_to,
       encode(sha256(s.sum), 'hex') as state_digest
  from edition e
  left join edition_state s on s.edition = e.edition
 where e.edition = $1::integer
