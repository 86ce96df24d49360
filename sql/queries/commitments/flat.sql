-- Commitments by their place in the feed, in the order given, as the flat files have them.
-- params: seqs
select v.disclosure_id as id, v.company_id as company, v.version, v.edition, v.seq, v.op, v.known_from, v.scheme,
       v.type, v.status, v.published_on, v.deadline, v.horizon_year, v.wording, v.reason, v.page, v.quote,
       v.as_reported, v.note, v.source_id
  from unnest($1::bigint[]) with ordinality p (seq, n)
  join commitment v using (seq)
 order by p.n
