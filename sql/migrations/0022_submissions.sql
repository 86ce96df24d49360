-- Batches handed in over HTTP: whose, under which idempotency key, with which content, and what became of them.
create table submission (
  submission_id   uuid        primary key default gen_random_uuid(),
  key_id          text        not null references api_key,
  idempotency_key text        not null check (char_length(idempotency_key) between 1 and 200),
  payload_hash    bytea       not null check (octet_length(payload_hash) = 32),
  dry_run         boolean     not null,
  status          text        not null check (status in ('running', 'published', 'unchanged', 'checked', 'rejected')),
  received_at     timestamptz not null default now(),
  finished_at     timestamptz,
  edition         integer     references edition,
  answer          bytea,
  unique (key_id, idempotency_key),
  check ((status = 'running') = (finished_at is null)),
  check ((status = 'running') = (answer is null)),
  check ((status = 'published') = (edition is not null))
);
comment on table submission is
  'While a batch is at work its publisher holds an advisory lock; a running row without one was interrupted.';
grant select, insert on submission to almanac_publisher;
grant update (status, received_at, finished_at, edition, answer) on submission to almanac_publisher;
