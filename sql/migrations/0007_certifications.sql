-- Certifications: a standard found fulfilled by an organisation, site, product or process.
create table certification (
  like version_header including all,
  standard     text not null,
  scheme       text,
  subject      text not null check (subject in ('organisation', 'site', 'product', 'process')),
  subject_name text,
  issuer       text,
  number       text,
  coverage     text,
  valid_from   date,
  valid_to     date,
  check (valid_from <= valid_to)
);
select register_kind('certifications', 'Certifications', 'certification');
create index certification_standard on certification (standard, company_id, natural_key);
