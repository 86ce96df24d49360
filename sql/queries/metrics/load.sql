-- The vocabulary, column by column; a known code takes the new words.
-- params: code, label, unit, topic, scope, scope2_method, period_type, good_when, esrs, ifrs, notes, s3_category
insert into metric (code, label, unit, topic, scope, scope2_method, period_type, good_when, esrs, ifrs, notes, s3_category)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::text[], $10::text[], $11::text[], $12::integer[])
    on conflict (code) do update
   set label = excluded.label, unit = excluded.unit, topic = excluded.topic, scope = excluded.scope,
       scope2_method = excluded.scope2_method, period_type = excluded.period_type, good_when = excluded.good_when,
       esrs = excluded.esrs, ifrs = excluded.ifrs, notes = excluded.notes, s3_category = excluded.s3_category
 where metric is distinct from excluded
