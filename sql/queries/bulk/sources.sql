-- Documents that answer anything up to an edition, with how often; only those that came or were cited after another.
-- params: edition, since
select s.source_id::text as id, s.type, s.title, s.publisher, s.published_on, s.published_precision, s.url, s.sha256,
       s.language, s.licence, s.redistributable, s.retrieved_on, coalesce(cited.versions, 0) as versions,
       coalesce(said.answers, 0) as answers
  from source s
  left join (
       select c.source_id, count(*) as versions, max(c.edition) as edition from change c
        where c.edition <= $1::integer
        group by c.source_id) cited using (source_id)
  left join (
       select t.source_id, count(distinct t.disclosure_id) as answers, max(t.statement_id) as last_statement
         from statement t
        where t.statement_id <= (select e.last_statement from edition e where e.edition = $1)
        group by t.source_id) said using (source_id)
 where (cited.versions > 0 or said.answers > 0)
   and (cited.edition > $2::integer
        or said.last_statement > coalesce((select e.last_statement from edition e where e.edition = $2), 0))
 order by s.source_id
