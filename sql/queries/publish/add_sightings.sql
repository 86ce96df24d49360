-- Claims as they were settled, in the order given; only of companies that are published, and each once.
-- params: register, name, number, country, lei, isin, sector, company_id, seen_on
insert into sighting (register, name, number, country, lei, isin, sector, company_id, seen_on)
select s.register, s.name, s.number, s.country, s.lei, s.isin, s.sector, s.company_id, s.seen_on
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::date[])
       with ordinality as s (register, name, number, country, lei, isin, sector, company_id, seen_on, place)
  join company c on c.company_id = s.company_id
 order by s.place
    on conflict do nothing
