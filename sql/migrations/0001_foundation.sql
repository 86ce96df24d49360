-- The spine of the store: editions, sources, companies, the change log and what every kind's table shares.
create extension if not exists pg_trgm;

create table edition (
  edition      integer     primary key check (edition > 0),
  published_at timestamptz not null unique,
  publisher    text        not null,
  note         text,
  versions     integer     not null check (versions >= 0),
  last_seq     bigint      not null check (last_seq >= 0),
  known_to     date
);
comment on table edition is 'One publish. Dense; the primary axis of time. last_seq and known_to hold for the corpus after it.';

create table source (
  source_id           uuid primary key,
  type                text not null,
  title               text not null,
  publisher           text not null,
  published_on        date not null,
  published_precision text not null check (published_precision in ('day', 'month', 'year')),
  url                 text,
  sha256              text check (sha256 ~ '^[0-9a-f]{64}$'),
  language            text not null,
  licence             text not null,
  redistributable     boolean not null,
  retrieved_on        date
);
comment on table source is 'A document. Its id is made from its content, so a row never changes.';

create table metric (
  code           text primary key check (code ~ '^[a-z0-9_]+(\.[a-z0-9_]+)*$'),
  label          text not null,
  unit           text not null,
  topic          text not null,
  scope          text,
  scope2_method  text check (scope2_method in ('location', 'market', 'unspecified')),
  s3_category    integer check (s3_category between 1 and 16),
  period_type    text not null check (period_type in ('duration', 'instant')),
  good_when      text check (good_when in ('lower', 'higher')),
  esrs           text,
  ifrs           text,
  notes          text
);

create table company (
  company_id text collate "C"   primary key check (company_id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  num        bigint generated always as identity unique,
  edition    integer not null references edition deferrable initially deferred
);
comment on column company.num is 'Order of arrival; the anchor of page cursors.';

create table company_record (
  company_id text collate "C"    not null references company,
  edition    integer not null references edition deferrable initially deferred,
  name       text    not null,
  country    text    check (country ~ '^[A-Z]{2}$'),
  body       bytea   not null,
  primary key (company_id, edition)
);
comment on table company_record is 'The profile head of a company after an edition that changed it, as served (JSON bytes).';

create table company_name (
  company_id text collate "C"    not null references company,
  name       text    not null,
  folded     text    not null,
  edition    integer not null references edition deferrable initially deferred,
  primary key (company_id, name)
);
comment on table company_name is 'Every name that a company ever had, for search; folded by almanac.names.';
create index company_name_folded_trgm on company_name using gin (folded gin_trgm_ops);

create table company_identifier (
  company_id text collate "C"    not null references company,
  scheme     text    not null,
  value      text    not null,
  check_ok   boolean,
  edition    integer not null references edition deferrable initially deferred,
  primary key (company_id, scheme, value)
);
create index company_identifier_value on company_identifier (scheme, value);

create table company_class (
  company_id text collate "C"    not null references company,
  scheme     text    not null,
  code       text    not null,
  edition    integer not null references edition deferrable initially deferred,
  primary key (company_id, scheme, code)
);

create table kind (
  kind  text primary key,
  title text not null
);

create table change (
  seq           bigint  primary key check (seq > 0),
  edition       integer not null references edition deferrable initially deferred,
  kind          text    not null references kind,
  disclosure_id uuid    not null,
  version       integer not null check (version > 0),
  op            text    not null check (op in ('add', 'restate', 'backfill', 'correct', 'withdraw')),
  company_id    text collate "C"    not null references company,
  known_from    date    not null,
  natural_key   text collate "C"    not null,
  source_id     uuid    not null references source,
  content_hash  bytea   not null check (octet_length(content_hash) = 16),
  changed       text[]  not null,
  body          bytea   not null,
  unique (disclosure_id, version)
);
comment on table change is
  'One row a version, across kinds, in order of commit: the feed, the history, the diff. body is the version as served.';
create index change_answer on change (disclosure_id, known_from desc, seq desc);
create index change_company on change (company_id, kind, natural_key, known_from desc, seq desc);
create index change_company_seq on change (company_id, seq desc);
create index change_edition on change (edition);
create index change_kind on change (kind, seq);
create index change_source on change (source_id, edition);

create table statement (
  statement_id  bigint  generated always as identity primary key,
  disclosure_id uuid    not null,
  source_id     uuid    not null,
  known_from    date    not null,
  answer_hash   bytea   not null check (octet_length(answer_hash) = 16),
  content_hash  bytea   not null check (octet_length(content_hash) = 16),
  seq           bigint  not null references change
);
comment on table statement is
  'What each source said to each disclosure, also where it only confirmed a version (seq): what later loading is judged by.';
create index statement_disclosure on statement (disclosure_id, statement_id);
create index statement_seq on statement (seq);

-- Leading columns of every kind's table; a kind's migration says `like version_header including all`.
create table version_header (
  seq           bigint  not null,
  disclosure_id uuid    not null,
  version       integer not null check (version > 0),
  company_id    text collate "C"    not null,
  edition       integer not null,
  op            text    not null check (op in ('add', 'restate', 'backfill', 'correct', 'withdraw')),
  known_from    date    not null,
  natural_key   text collate "C"    not null,
  source_id     uuid    not null,
  page          text,
  quote         text,
  as_reported   text,
  note          text
);

create function refuse_rewrite() returns trigger language plpgsql as $$
begin
  raise exception '% of % is refused: versions are append-only', lower(tg_op), tg_table_name
    using errcode = 'restrict_violation';
end $$;

create trigger refuse_rewrite before update or delete or truncate on change
  for each statement execute function refuse_rewrite();
create trigger refuse_rewrite before update or delete or truncate on edition
  for each statement execute function refuse_rewrite();
create trigger refuse_rewrite before update or delete or truncate on statement
  for each statement execute function refuse_rewrite();
create trigger refuse_rewrite before update or delete or truncate on source
  for each statement execute function refuse_rewrite();
create trigger refuse_rewrite before update or delete or truncate on company_record
  for each statement execute function refuse_rewrite();

do $$
begin
  create role almanac_reader nologin;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  create role almanac_publisher nologin;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  execute format('grant almanac_reader, almanac_publisher to %I', current_user);
end $$;
grant usage on schema public to almanac_reader, almanac_publisher;
grant select on edition, source, metric, company, company_record, company_name, company_identifier, company_class, kind,
  change, statement to almanac_reader, almanac_publisher;
grant insert on edition, source, company, company_record, company_name, company_identifier, company_class, change,
  statement to almanac_publisher;

-- Makes a table of one kind whole: keys, indexes, guard, grants and its line in `kind`.
create function register_kind(kind_name text, kind_title text, kind_table text) returns void language plpgsql as $$
begin
  insert into kind (kind, title) values (kind_name, kind_title);
  execute format('alter table %1$I add primary key (seq), add foreign key (seq) references change, '
                 'add unique (disclosure_id, version)', kind_table);
  execute format('create index on %I (disclosure_id, known_from desc, seq desc)', kind_table);
  execute format('create index on %I (company_id, natural_key)', kind_table);
  execute format('create trigger refuse_rewrite before update or delete or truncate on %I '
                 'for each statement execute function refuse_rewrite()', kind_table);
  execute format('grant select on %I to almanac_reader, almanac_publisher', kind_table);
  execute format('grant insert on %I to almanac_publisher', kind_table);
end $$;

-- The company that a slug, `lei:` or `isin:` stands for at an edition; null if none, or if several carry the identifier.
create function company_of(ref text, at_edition integer) returns text language sql stable as $$
  select case
    when position(':' in ref) = 0 then
      (select c.company_id from company c where c.company_id = ref and c.edition <= at_edition)
    else
      (select min(i.company_id)
         from company_identifier i
        where i.scheme = split_part(ref, ':', 1) and i.value = split_part(ref, ':', 2)
          and i.edition <= at_edition and i.check_ok is not false
       having count(*) = 1)
  end
$$;
