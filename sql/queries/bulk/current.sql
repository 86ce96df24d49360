-- Places in the feed of a kind's answers that hold at an edition and came after another, by company and id; what may be given on.
-- params: edition, since, kind
select a.seq
  from (select distinct on (c.disclosure_id) c.disclosure_id, c.company_id, c.seq, c.edition, c.op, c.source_id
          from change c
         where c.kind = $3::text and c.edition <= $1::integer
         order by c.disclosure_id, c.known_from desc, c.seq desc) a
  join source s using (source_id)
 where a.op <> 'withdraw' and a.edition > $2::integer and s.redistributable
 order by a.company_id, a.disclosure_id
