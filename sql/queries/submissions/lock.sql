-- Whether this session now holds the lock of a key's idempotency key; it goes with the session.
-- params: key_id, idempotency_key
select pg_try_advisory_lock(hashtextextended($1::text || ' ' || $2::text, 22))
