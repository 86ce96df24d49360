-- Places in the feed of a kind's versions after one edition up to another, by company, id and version; what may be given on.
-- params: edition, since, kind
select c.seq
  from change c
  join source s using (source_id)
 where c.kind = $3::text and c.edition <= $1::integer and c.edition > $2::integer and s.redistributable
 order by c.company_id, c.disclosure_id, c.version
