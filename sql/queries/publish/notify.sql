-- Tells every process the new edition, when the transaction commits.
-- params: edition
select pg_notify('almanac_edition', $1::text)
