-- Awards by their place in the feed, in the order given, as the flat files have them.
-- params: seqs
select v.disclosure_id as id, v.company_id as company, v.version, v.edition, v.seq, v.op, v.known_from, v.name,
       v.issuer, v.year, v.category, v.recipient, v.page, v.quote, v.as_reported, v.note, v.source_id
  from unnest($1::bigint[]) with ordinality p (seq, n)
  join award v using (seq)
 order by p.n
