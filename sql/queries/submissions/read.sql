-- A submission of a key. No row if there is none, or if it is another key's.
-- params: key_id, id
select submission_id::text as id, key_id, idempotency_key, payload_hash, dry_run, status, received_at, finished_at, edition, answer
  from submission
 where key_id = $1::text and submission_id = $2::uuid
