-- True if this session now holds the migration lock.
-- params: lock
select pg_try_advisory_lock($1::bigint)
