-- The submission of a key under an idempotency key. No row if there is none.
-- params: key_id, idempotency_key
select submission_id::text as id, key_id, idempotency_key, payload_hash, dry_run, status, received_at, finished_at, edition, answer
  from submission
 where key_id = $1::text and idempotency_key = $2::text
