-- The key of an id with the digest of its secret, unless it is revoked or has expired.
-- params: key_id
-- plan: once
select key_id, label, role, created_at, expires_at, revoked_at, secret_hash
  from api_key
 where key_id = $1::text
   and revoked_at is null
   and (expires_at is null or expires_at > now())
