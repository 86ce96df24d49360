-- Whether this session may write snapshots; one does at a time, until it ends.
select pg_try_advisory_lock(7018352)
