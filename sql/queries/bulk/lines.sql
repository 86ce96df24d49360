-- Versions as served, by their place in the feed, in the order given, as one block of lines, the last without its end.
-- params: seqs
select count(*) as rows, string_agg(c.body, '\x0a'::bytea order by p.n) as block
  from unnest($1::bigint[]) with ordinality p (seq, n)
  join change c using (seq)
