-- What each source said in one edition, with what it had said before (null if nothing) and whether it said something else since.
-- params: edition
with said as (
  select distinct on (s.disclosure_id, s.source_id)
         s.statement_id, s.disclosure_id, s.source_id, s.known_from, s.seq, s.content_hash,
         min(s.statement_id) over (partition by s.disclosure_id, s.source_id) as first_id
    from statement s
   where s.edition = $1::integer
   order by s.disclosure_id, s.source_id, s.statement_id desc
)
select s.source_id::text, s.known_from, s.seq, c.kind, c.company_id, c.natural_key, c.op = 'withdraw' as withdrawn,
       p.seq as before_seq, p.known_from as before_known_from, pc.op = 'withdraw' as before_withdrawn,
       p.sheet, p.row, p.raw_hash,
       exists (
         select from statement n
          where n.disclosure_id = s.disclosure_id and n.source_id = s.source_id and n.statement_id > s.statement_id
            and n.content_hash <> s.content_hash) as said_since
  from said s
  join change c on c.seq = s.seq
  left join lateral (
       select q.seq, q.known_from, q.sheet, q.row, q.raw_hash from statement q
        where q.disclosure_id = s.disclosure_id and q.source_id = s.source_id and q.statement_id < s.first_id
        order by q.statement_id desc limit 1) p on true
  left join change pc on pc.seq = p.seq
 order by s.statement_id
