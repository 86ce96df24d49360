-- Exports: lists as files. A job makes one file, whoever asked for it; an export is one request, and points to its job.
do $$
begin
  create role almanac_exporter nologin;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  execute format('grant almanac_exporter to %I', current_user);
end $$;
create table export_job (
  job_id      bytea       primary key check (octet_length(job_id) = 32),
  wanted      bytea       not null,
  status      text        not null check (status in ('queued', 'running', 'done', 'failed', 'dropped')),
  queued_at   timestamptz not null default now(),
  worker      uuid,
  lease_until timestamptz,
  attempts    integer     not null default 0,
  rows_total  bigint      check (rows_total >= 0),
  rows_done   bigint      not null default 0 check (rows_done >= 0),
  finished_at timestamptz,
  reason      text,
  name        text,
  sha256      bytea       check (octet_length(sha256) = 32),
  size_bytes  bigint      check (size_bytes >= 0),
  rows        bigint      check (rows >= 0),
  withheld    bigint      check (withheld >= 0),
  citation    text,
  check ((status = 'running') = (worker is not null)),
  check ((status = 'running') = (lease_until is not null)),
  check ((status in ('done', 'failed')) = (finished_at is not null)),
  check ((status = 'failed') = (reason is not null)),
  check (case when status = 'done' then num_nulls(name, sha256, size_bytes, rows, withheld, citation) = 0
              else num_nonnulls(name, sha256, size_bytes, rows, withheld, citation) = 0 end)
);
comment on column export_job.job_id is 'sha256 of what decides the bytes of the file: list, filters, edition, date, format.';
comment on column export_job.status is 'dropped: nobody wants it any more, and its file is gone or was never made.';
create index export_job_to_do on export_job (queued_at) where status in ('queued', 'running');
create table export (
  export_id    uuid        primary key default gen_random_uuid(),
  job_id       bytea       not null references export_job,
  caller_hash  bytea       not null check (octet_length(caller_hash) = 32),
  key_hash     bytea       unique check (octet_length(key_hash) = 32),
  body_hash    bytea       not null check (octet_length(body_hash) = 32),
  received_at  timestamptz not null default now(),
  expires_at   timestamptz not null check (expires_at > received_at)
);
comment on column export.key_hash is 'sha256 of the caller and its Idempotency-Key.';
create index export_of_job on export (job_id);
create index export_of_caller on export (caller_hash);
grant usage on schema public to almanac_exporter;
grant select, insert, delete on export_job, export to almanac_exporter;
grant update on export_job to almanac_exporter;
