-- A new export of a job.
-- params: job_id, caller_hash, key_hash, body_hash, keep_days
insert into export (job_id, caller_hash, key_hash, body_hash, expires_at)
values ($1::bytea, $2::bytea, $3::bytea, $4::bytea, now() + make_interval(days => $5::integer))
returning export_id::text as id
