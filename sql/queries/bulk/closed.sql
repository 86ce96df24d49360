-- Of versions by their place in the feed, those that may not be given on.
-- params: seqs
select c.seq
  from unnest($1::bigint[]) p (seq)
  join change c using (seq)
  join source s using (source_id)
 where not s.redistributable
