-- Companies that editions after one, up to another, say something else of, each with the last such edition; at most 5,001.
-- params: edition, since, since_seq
select t.company_id, max(t.edition) as edition
  from (select c.company_id, c.edition from change c where c.seq > $3::bigint and c.edition <= $1::integer
        union all
        select r.company_id, r.edition from company_record r where r.edition > $2::integer and r.edition <= $1
        union all
        select e.other, e.edition from identity_event e where e.seq > $3 and e.edition <= $1 and e.other is not null) t
 group by t.company_id
 limit 5001
