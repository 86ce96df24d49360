-- Every version of a file is read without being told apart from the others of its disclosure, which the index has done already.
-- Two branches, of which what is asked for leaves one: both come in the order of the files, so merging them costs no sort.

create or replace function change_file(at_edition integer, since integer, only_current boolean, of_kind text,
                                       from_company text, from_id uuid, from_version integer)
returns setof change language sql stable as $$
  (select c.*
     from change c
    where not only_current and c.kind = of_kind and c.edition > since and c.edition <= at_edition
      and (c.company_id, c.disclosure_id, c.version) >= (from_company, from_id, from_version)
      and c.source_id not in (select s.source_id from source s where not s.redistributable)
    order by c.company_id, c.disclosure_id, c.version)
  union all
  (select v.*
     from (select distinct on (c.company_id, c.disclosure_id) c.*
             from change c
            where only_current and c.kind = of_kind and c.edition <= at_edition
              and (c.company_id, c.disclosure_id, c.version) >= (from_company, from_id, from_version)
              and (since = 0 or c.disclosure_id = any (array(
                    select distinct n.disclosure_id from change n
                     where n.kind = of_kind and n.edition > since and n.edition <= at_edition)))
            order by c.company_id, c.disclosure_id, c.known_from desc, c.seq desc) v
    where v.edition > since and v.op <> 'withdraw'
      and v.source_id not in (select s.source_id from source s where not s.redistributable)
    order by v.company_id, v.disclosure_id)
$$;

create function make_file_rows(kind_table text) returns void language plpgsql as $$
begin
  execute format($f$
    create or replace function %2$I(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer)
    returns setof %1$I language sql stable as $q$
      (select w.*
         from %1$I w
        where not only_current and w.edition <= at_edition
          and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
          and w.source_id not in (select s.source_id from source s where not s.redistributable)
        order by w.company_id, w.disclosure_id, w.version)
      union all
      (select v.*
         from (select distinct on (w.company_id, w.disclosure_id) w.*
                 from %1$I w
                where only_current and w.edition <= at_edition
                  and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
                order by w.company_id, w.disclosure_id, w.known_from desc, w.seq desc) v
        where v.op <> 'withdraw'
          and v.source_id not in (select s.source_id from source s where not s.redistributable)
        order by v.company_id, v.disclosure_id)
    $q$
  $f$, kind_table, kind_table || '_file');
end $$;

create or replace function add_file_rows(kind_table text) returns void language plpgsql as $$
begin
  execute format('create unique index on %I (company_id, disclosure_id, version)', kind_table);
  perform make_file_rows(kind_table);
end $$;

do $$
declare
  kind_table text;
begin
  for kind_table in
    select c.relname from pg_proc p join pg_class c on c.reltype = p.prorettype
     where p.pronamespace = 'public'::regnamespace and p.proname = c.relname || '_file' and c.relname <> 'change'
  loop
    perform make_file_rows(kind_table);
  end loop;
end $$;
