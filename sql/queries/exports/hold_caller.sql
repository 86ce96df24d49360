-- Waits until no other transaction takes in an export of the same caller, and keeps others waiting until this one ends.
-- params: caller_hash
select pg_advisory_xact_lock(hashtextextended(encode($1::bytea, 'hex'), 46))
