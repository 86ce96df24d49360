-- A document, if a version up to an edition cites it, with how many versions do.
-- params: edition, known_on, id
select s.source_id::text as id, s.type, s.title, s.publisher, s.published_on, s.published_precision, s.url, s.sha256,
       s.language, s.licence, s.redistributable, s.retrieved_on, cited.versions
  from source s
  join lateral (
       select count(*) as versions from change c
        where c.source_id = s.source_id and c.edition <= $1::integer and c.known_from <= $2::date) cited on true
 where s.source_id = $3::uuid and cited.versions > 0
