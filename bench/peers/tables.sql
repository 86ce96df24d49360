-- What the peers are given: the current answers alone, in plain tables with the indexes that their reads need, and documents.
-- They keep no versions, no second axis of time and no edition, which is less work than the product does.
create schema peers;

create table peers.company as
select c.company_id as id, h.name, h.country, h.body
  from company c
  join lateral (select r.name, r.country, convert_from(r.body, 'UTF8')::json as body
                  from company_record r where r.company_id = c.company_id order by r.edition desc limit 1) h on true;
alter table peers.company add primary key (id);

create table peers.source as
select source_id as id, title, publisher, published_on, url, licence from source;
alter table peers.source add primary key (id);

create table peers.emission as
select v.* from emission v
 where v.op <> 'withdraw'
   and not exists (select from emission n where n.disclosure_id = v.disclosure_id
                      and (n.known_from, n.seq) > (v.known_from, v.seq));
create table peers.target as
select v.* from target v
 where v.op <> 'withdraw'
   and not exists (select from target n where n.disclosure_id = v.disclosure_id
                      and (n.known_from, n.seq) > (v.known_from, v.seq));
create table peers.rating as
select v.* from rating v
 where v.op <> 'withdraw'
   and not exists (select from rating n where n.disclosure_id = v.disclosure_id
                      and (n.known_from, n.seq) > (v.known_from, v.seq));
create table peers.commitment as
select v.* from commitment v
 where v.op <> 'withdraw'
   and not exists (select from commitment n where n.disclosure_id = v.disclosure_id
                      and (n.known_from, n.seq) > (v.known_from, v.seq));
alter table peers.emission add primary key (disclosure_id);
alter table peers.target add primary key (disclosure_id);
alter table peers.rating add primary key (disclosure_id);
alter table peers.commitment add primary key (disclosure_id);
create index on peers.emission (company_id, known_from desc, seq desc);
create index on peers.emission (metric, year, company_id);
create index on peers.target (company_id, known_from desc, seq desc);
create index on peers.rating (company_id, known_from desc, seq desc);
create index on peers.commitment (company_id, known_from desc, seq desc);

-- Documents: profiles as the product answers them (filled over HTTP), and emissions as the product stores them.
create table peers.profile (id text collate "C" primary key, doc json not null);
create table peers.emission_doc as
select v.metric, v.year, v.company_id, convert_from(c.body, 'UTF8')::json as doc
  from peers.emission v
  join public.change c using (seq);
create index on peers.emission_doc (metric, year, company_id);

grant usage on schema peers to almanac_reader;
grant select on all tables in schema peers to almanac_reader;
