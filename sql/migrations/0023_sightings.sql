-- Who each publisher's row was about: the same claim is settled the same way for ever, whatever is known of others by then.
create table sighting (
  sighting_id bigint generated always as identity primary key,
  register    text   not null,
  name        text   not null,
  number      text,
  country     text,
  lei         text,
  isin        text,
  sector      text,
  company_id  text   collate "C" not null references company,
  seen_on     date   not null,
  unique nulls not distinct (register, name, number, country, lei, isin, sector, company_id, seen_on)
);
comment on table sighting is
  'What a document published on seen_on says of who a company is, and the company it was settled to; of several the newest row holds.';
create trigger refuse_rewrite before update or delete or truncate on sighting
  for each statement execute function refuse_rewrite();
grant select on sighting to almanac_reader, almanac_publisher;
grant insert on sighting to almanac_publisher;
