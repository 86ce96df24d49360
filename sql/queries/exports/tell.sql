-- Tells the workers that there is something to do.
select pg_notify('almanac_export', '')
