-- Exports that expired so many days ago are forgotten.
-- params: keep_days
delete from export
 where expires_at < now() - make_interval(days => $1::integer)
