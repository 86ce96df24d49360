-- The submission, now running; one that was interrupted starts anew under its id.
-- params: key_id, idempotency_key, payload_hash, dry_run
insert into submission (key_id, idempotency_key, payload_hash, dry_run, status)
values ($1::text, $2::text, $3::bytea, $4::boolean, 'running')
    on conflict (key_id, idempotency_key) do update set received_at = now()
returning submission_id::text as id, key_id, idempotency_key, payload_hash, dry_run, status, received_at, finished_at, edition,
          answer
