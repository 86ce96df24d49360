-- The newest edition; no row before the first publish.
select edition, published_at, last_seq, known_to from edition order by edition desc limit 1
