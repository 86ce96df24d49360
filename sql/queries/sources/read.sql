-- A document, if it answers anything up to an edition, with how many versions cite it.
-- params: edition, known_on, id
-- plan: once
select s.source_id::text as id, s.type, s.title, s.publisher, s.published_on, s.published_precision, s.url, s.sha256,
       s.language, s.licence, s.redistributable, s.retrieved_on, cited.versions, said.answers
  from source s
  join lateral (
       select count(*) as versions from change c
        where c.source_id = s.source_id and c.edition <= $1::integer and c.known_from <= $2::date) cited on true
  join lateral (
       select count(distinct t.disclosure_id) as answers from statement t
        where t.source_id = s.source_id and t.known_from <= $2::date
          and t.statement_id <= (select e.last_statement from edition e where e.edition = $1::integer)) said on true
 where s.source_id = $3::uuid and (cited.versions > 0 or said.answers > 0)
