-- The key, now revoked; one revoked before keeps its date. No row if there is no such key.
-- params: key_id
update api_key
   set revoked_at = coalesce(revoked_at, now())
 where key_id = $1::text
returning key_id, label, role, created_at, expires_at, revoked_at
