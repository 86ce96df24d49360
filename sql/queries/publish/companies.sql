-- Newest heads of some companies, as served.
-- params: company_ids
select distinct on (company_id) company_id, body
  from company_record
 where company_id = any($1::text[])
 order by company_id, edition desc
