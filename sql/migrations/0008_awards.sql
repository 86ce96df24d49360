-- Awards: prizes and list placements.
create table award (
  like version_header including all,
  name      text    not null,
  issuer    text,
  year      integer check (year between 1900 and 2200),
  category  text,
  recipient text
);
select register_kind('awards', 'Awards', 'award');
create index award_year on award (year, company_id, natural_key);
