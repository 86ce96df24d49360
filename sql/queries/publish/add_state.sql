-- The sum of an edition's state; two that sum up the same edition find the same.
-- params: edition, sum
insert into edition_state (edition, sum) values ($1::integer, $2::bytea) on conflict do nothing
