-- Releases of some complete registers that are in the store, oldest first.
-- params: series
select s.source_id::text as id, s.series, s.published_on
  from source s
 where s.series = any($1::text[])
 order by s.published_on, s.source_id
