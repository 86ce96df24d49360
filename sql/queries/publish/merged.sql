-- Companies that are merged into others now, with the one that each is found under in the end, in no order.
select company_id, into_id from merged
