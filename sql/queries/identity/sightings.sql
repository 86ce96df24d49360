-- Every claim of a publisher about who a company is, each time it was settled, with the company it is found under now; oldest first.
select s.register, s.name, s.number, s.country, s.lei, s.isin, s.sector, coalesce(m.into_id, s.company_id) as company,
       s.seen_on
  from sighting s
  left join merged m using (company_id)
 order by s.sighting_id
