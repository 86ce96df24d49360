-- The row that a version was read from, first, and the rows of sources that only repeat it, oldest first.
-- A repetition counts up to the statements of the edition, and while its source says nothing else.
-- params: edition, known_on, id, version
with asked as (
  select c.disclosure_id, c.seq, c.source_id, c.content_hash
    from change c
   where c.disclosure_id = $3::uuid and c.version = $4::integer
     and c.edition <= $1::integer and c.known_from <= $2::date),
own as (
  select s.source_id, s.known_from, s.sheet, s.row, s.raw_hash
    from asked a
    join statement s on s.seq = a.seq and s.source_id = a.source_id and s.content_hash = a.content_hash
   order by s.statement_id
   limit 1),
others as (
  select distinct on (s.source_id) s.source_id, s.known_from, s.sheet, s.row, s.raw_hash, s.seq = a.seq as repeats
    from asked a
    join statement s on s.disclosure_id = a.disclosure_id and s.source_id <> a.source_id
   where s.known_from <= $2::date
     and s.statement_id <= (select e.last_statement from edition e where e.edition = $1::integer)
   order by s.source_id, s.statement_id desc)
select r.source_id::text as source, s2.sha256, f.known_from, r.sheet, r.row, r.cells, f.is_own
  from (select own.*, true as is_own from own
         union all
        select source_id, known_from, sheet, row, raw_hash, false from others where repeats) f
  join raw_row r on (r.source_id, r.sheet, r.row, r.hash) = (f.source_id, f.sheet, f.row, f.raw_hash)
  join source s2 on s2.source_id = r.source_id
 order by f.is_own desc, f.known_from, r.source_id
