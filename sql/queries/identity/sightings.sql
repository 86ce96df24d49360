-- Every claim of a publisher about who a company is, each time it was settled, with the company it is found under now; oldest first.
-- JSON, because there are many: rows of it are read in a third of the time.
select json_build_object('register', s.register, 'name', s.name, 'number', s.number, 'country', s.country, 'lei', s.lei,
                         'isin', s.isin, 'sector', s.sector, 'company', coalesce(m.into_id, s.company_id),
                         'seen_on', s.seen_on)::text as sighting
  from sighting s
  left join merged m using (company_id)
 order by s.sighting_id
