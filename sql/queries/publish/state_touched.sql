-- SHA-256 of the answer before and after an edition, for each disclosure that it touched; null where none is live.
-- params: edition
select (select case when c.op <> 'withdraw' then sha256(c.body) end
          from change c
         where c.disclosure_id = t.disclosure_id and c.edition < $1::integer
         order by c.known_from desc, c.seq desc
         limit 1) as gone,
       (select case when c.op <> 'withdraw' then sha256(c.body) end
          from change c
         where c.disclosure_id = t.disclosure_id and c.edition <= $1
         order by c.known_from desc, c.seq desc
         limit 1) as come
  from (select distinct disclosure_id from change where edition = $1) t
