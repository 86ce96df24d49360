-- The export that an idempotency key of a caller stands for, and the digest of the body it came with. No row if there is none.
-- params: key_hash
select export_id::text as id, body_hash
  from export
 where key_hash = $1::bytea
