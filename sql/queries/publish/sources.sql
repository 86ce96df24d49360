-- Known documents by id.
-- params: source_ids
select source_id::text as id, title, publisher, published_on, url, licence
  from source
 where source_id = any($1::uuid[])
