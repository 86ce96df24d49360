-- Opens the next edition. Its instant is after the one before, whatever the clock says.
-- params: edition, publisher, note, versions, last_seq, known_to, previous_published_at
insert into edition (edition, published_at, publisher, note, versions, last_seq, known_to, last_statement)
values ($1::integer, greatest(clock_timestamp(), $7::timestamptz + interval '1 microsecond'), $2::text, $3::text,
        $4::integer, $5::bigint, $6::date, (select max(statement_id) from statement))
returning published_at
