-- The newest edition whose state was summed up; no row before the first.
select edition, sum from edition_state order by edition desc limit 1
