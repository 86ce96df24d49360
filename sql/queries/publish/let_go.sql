-- Lets others publish again.
select pg_advisory_unlock(7018351)
