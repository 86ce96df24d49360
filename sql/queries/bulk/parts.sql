-- First row of each part of a kind's file: of the versions after one edition up to another, or of the answers among them that hold.
-- params: edition, since, current, kind, part_rows
select r.company_id as company, r.disclosure_id as id, r.version
  from (select v.company_id, v.disclosure_id, v.version,
               row_number() over (order by v.company_id, v.disclosure_id, case when $3 then 0 else v.version end) as n
          from change_file($1::integer, $2::integer, $3::boolean, $4::text, '', '00000000-0000-0000-0000-000000000000', 0) v) r
 where r.n % $5::integer = 1
 order by r.n
