-- Terms of the sources that versions up to an edition come from, and whether they may be given on.
-- params: edition
select s.licence, s.redistributable, count(distinct s.source_id) as sources, count(*) as versions
  from source s
  join change c using (source_id)
 where c.edition <= $1::integer
 group by s.licence, s.redistributable
 order by s.licence, s.redistributable
