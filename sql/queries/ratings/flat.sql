-- Ratings by their place in the feed, in the order given, as the flat files have them.
-- params: seqs
select v.disclosure_id as id, v.company_id as company, v.version, v.edition, v.seq, v.op, v.known_from, v.scheme,
       v.programme, v.year, v.subject, v.grade, v.grade_rank, v.band, v.score, v.response_status,
       v.consecutive_years, v.page, v.quote, v.as_reported, v.note, v.source_id
  from unnest($1::bigint[]) with ordinality p (seq, n)
  join rating v using (seq)
 order by p.n
