-- The key just made.
-- params: key_id, secret_hash, label, role, expires_at
insert into api_key (key_id, secret_hash, label, role, expires_at)
values ($1::text, $2::bytea, $3::text, $4::text, $5::timestamptz)
returning key_id, label, role, created_at, expires_at, revoked_at
