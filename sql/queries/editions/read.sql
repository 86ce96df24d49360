-- One edition.
-- params: number
select edition, published_at, publisher, note, versions, last_seq, known_to from edition where edition = $1::integer
