-- Everything that one company discloses, as answered at an edition and a date, kind by kind, one page.
-- params: edition, known_on, company, after, limit, kind
select c.seq, c.body
  from change c
 where c.edition <= $1::integer and c.known_from <= $2::date and c.op <> 'withdraw'
   and c.company_id = (select company_of($3::text, $1))
   and not exists (
         select from change n
          where n.disclosure_id = c.disclosure_id and n.edition <= $1 and n.known_from <= $2
            and (n.known_from, n.seq) > (c.known_from, c.seq))
   and ($4::bigint is null
        or (c.kind, c.natural_key) > (select a.kind, a.natural_key from change a where a.seq = $4))
   and ($6::text is null or c.kind = $6)
 order by c.kind, c.natural_key
 limit $5::integer
