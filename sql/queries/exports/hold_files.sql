-- Waits until no other transaction adds or removes files of exports, and keeps others waiting until this one ends.
select pg_advisory_xact_lock(7018353)
