-- Targets by their place in the feed, in the order given, as the flat files have them.
-- params: seqs
select v.disclosure_id as id, v.company_id as company, v.version, v.edition, v.seq, v.op, v.known_from, v.scheme,
       v.term, v.reference, v.target_kind, v.status, v.value_pct, v.base_year, v.target_year, v.year_type,
       nullif(array_to_string(v.scopes, ','), '') as scopes, v.coverage_pct, v.intensity_metric, v.ambition, v.wording,
       v.validation, v.published_on, v.status_reason, v.page, v.quote, v.as_reported, v.note, v.source_id
  from unnest($1::bigint[]) with ordinality p (seq, n)
  join target v using (seq)
 order by p.n
