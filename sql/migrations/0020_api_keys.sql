-- Keys of callers who may publish, or may read more often; only a digest of the secret is kept.
create table api_key (
  key_id      text        primary key check (key_id ~ '^[a-z2-7]{12}$'),
  secret_hash bytea       not null check (octet_length(secret_hash) = 32),
  label       text        not null check (char_length(label) between 1 and 200),
  role        text        not null check (role in ('reader', 'publisher')),
  created_at  timestamptz not null default now(),
  expires_at  timestamptz check (expires_at > created_at),
  revoked_at  timestamptz check (revoked_at >= created_at)
);
comment on column api_key.secret_hash is 'sha256 of the secret. The secret has 256 random bits, so a slow hash would add nothing.';
grant select on api_key to almanac_reader, almanac_publisher;
