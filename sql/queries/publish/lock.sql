-- Waits for its turn to publish; held until the transaction ends.
select pg_advisory_xact_lock(7018351)
