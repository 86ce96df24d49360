-- Certifications by their place in the feed, in the order given, as the flat files have them.
-- params: seqs
select v.disclosure_id as id, v.company_id as company, v.version, v.edition, v.seq, v.op, v.known_from, v.standard,
       v.scheme, v.subject, v.subject_name, v.issuer, v.number, v.coverage, v.valid_from, v.valid_to, v.page,
       v.quote, v.as_reported, v.note, v.source_id
  from unnest($1::bigint[]) with ordinality p (seq, n)
  join certification v using (seq)
 order by p.n
