-- Emissions by their place in the feed, in the order given, as the flat files have them.
-- params: seqs
select v.disclosure_id as id, v.company_id as company, v.version, v.edition, v.seq, v.op, v.known_from, v.metric,
       v.period, v.year, v.gas, v.boundary, v.geography, v.segment, v.value, v.qualifier, v.unit, v.decimals,
       v.missing_reason, v.basis, v.gwp_set, v.restatement_reason, v.assurance,
       nullif(array_to_string(v.quality_flags, ','), '') as quality_flags, v.page, v.quote, v.as_reported, v.note, v.source_id
  from unnest($1::bigint[]) with ordinality p (seq, n)
  join emission v using (seq)
 order by p.n
