-- Rows of files as they were read, and which of them each statement was made from.
create table raw_row (
  source_id  uuid    not null references source,
  sheet      text    not null,
  row        integer not null check (row > 0),
  hash       bytea   not null check (octet_length(hash) = 16),
  company_id text    collate "C" references company,
  cells      bytea   not null,
  primary key (source_id, sheet, row, hash)
);
comment on table raw_row is 'One row of a source as read (JSON bytes). hash tells two readings of one place apart.';
create index raw_row_company on raw_row (company_id, source_id);
create trigger refuse_rewrite before update or delete or truncate on raw_row
  for each statement execute function refuse_rewrite();
grant select on raw_row to almanac_reader, almanac_publisher;
grant insert on raw_row to almanac_publisher;

alter table statement add column sheet text, add column row integer, add column raw_hash bytea;
comment on column statement.raw_hash is 'With source, sheet and row the raw row that the statement was read from; null if none was kept.';

alter table source add column series text;
comment on column source.series is 'Complete register that the document is one release of; null if it is none.';
