-- Every claim of a publisher about who a company is: the company it is found under, and the first day it was seen.
select distinct on (s.register, s.name, s.number, s.country, s.lei, s.isin, s.sector)
       s.register, s.name, s.number, s.country, s.lei, s.isin, s.sector, coalesce(m.into_id, s.company_id) as company_id,
       min(s.seen_on) over (partition by s.register, s.name, s.number, s.country, s.lei, s.isin, s.sector) as seen_on
  from sighting s
  left join merged m using (company_id)
 order by s.register, s.name, s.number, s.country, s.lei, s.isin, s.sector, s.sighting_id desc
