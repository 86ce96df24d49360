-- Versions as served, by their place in the feed.
-- params: seqs
select seq, kind, body from change where seq = any($1::bigint[])
