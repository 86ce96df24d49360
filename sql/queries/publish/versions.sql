-- How many versions some disclosures have.
-- params: disclosure_ids
select disclosure_id::text, max(version) as version_count
  from change
 where disclosure_id = any($1::uuid[])
 group by disclosure_id
