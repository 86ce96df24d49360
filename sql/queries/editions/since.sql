-- Editions after a number, oldest first, at most 10,000.
-- params: edition
select edition, published_at, known_to, last_seq from edition where edition > $1::integer order by edition limit 10000
