-- The submission with what became of it.
-- params: id, status, edition, answer
update submission
   set status = $2::text, edition = $3::integer, answer = $4::bytea, finished_at = now()
 where submission_id = $1::uuid
returning submission_id::text as id, key_id, idempotency_key, payload_hash, dry_run, status, received_at, finished_at, edition,
          answer
