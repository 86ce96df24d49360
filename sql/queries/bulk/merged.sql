-- Companies that were merged after one edition up to another and do not stand by themselves at the later one.
-- params: edition, since
select distinct e.other as id
  from identity_event e
 where e.event = 'merged_from' and e.edition <= $1::integer and e.edition > $2::integer
   and merged_into(e.other, $1) is not null
 order by id
