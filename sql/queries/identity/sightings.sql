-- Every claim of a publisher about who a company is: the company it was settled to last, and the first day it was seen.
-- params:
select distinct on (s.register, s.name, s.number, s.country, s.lei, s.isin, s.sector)
       s.register, s.name, s.number, s.country, s.lei, s.isin, s.sector, s.company_id,
       min(s.seen_on) over (partition by s.register, s.name, s.number, s.country, s.lei, s.isin, s.sector) as seen_on
  from sighting s
 order by s.register, s.name, s.number, s.country, s.lei, s.isin, s.sector, s.sighting_id desc
