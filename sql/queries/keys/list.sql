-- Every key, oldest first.
select key_id, label, role, created_at, expires_at, revoked_at
  from api_key
 order by created_at, key_id
