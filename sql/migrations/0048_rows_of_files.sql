-- The rows of the corpus as files, in the order of the files, from one row on; what may be given on.
-- With `only_current` the answers that hold at an edition, else all versions up to it. These conditions are told once for all
-- kinds, and once for each: the functions are read as if they stood in the query, and what is not asked for costs nothing there.

create function change_file(at_edition integer, since integer, only_current boolean, of_kind text,
                            from_company text, from_id uuid, from_version integer)
returns setof change language sql stable as $$
  select v.*
    from (select distinct on (c.company_id, c.disclosure_id, case when only_current then 0 else c.version end) c.*
            from change c
           where c.kind = of_kind and c.edition <= at_edition
             and (c.company_id, c.disclosure_id, c.version) >= (from_company, from_id, from_version)
             and (only_current or c.edition > since)
             and (since = 0 or not only_current or c.disclosure_id = any (array(
                   select distinct n.disclosure_id from change n
                    where n.kind = of_kind and n.edition > since and n.edition <= at_edition)))
           order by c.company_id, c.disclosure_id, case when only_current then 0 else c.version end,
                    case when only_current then c.known_from end desc, case when only_current then c.seq end desc) v
   where v.edition > since and (not only_current or v.op <> 'withdraw')
     and v.source_id not in (select s.source_id from source s where not s.redistributable)
   order by v.company_id, v.disclosure_id, case when only_current then 0 else v.version end
$$;

-- The index takes the place of the one on (disclosure_id, version): an id is of one company.
create function add_file_rows(kind_table text) returns void language plpgsql as $$
begin
  execute format('create unique index on %I (company_id, disclosure_id, version)', kind_table);
  execute format($f$
    create function %2$I(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer)
    returns setof %1$I language sql stable as $q$
      select v.*
        from (select distinct on (w.company_id, w.disclosure_id, case when only_current then 0 else w.version end) w.*
                from %1$I w
               where w.edition <= at_edition
                 and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
               order by w.company_id, w.disclosure_id, case when only_current then 0 else w.version end,
                        case when only_current then w.known_from end desc, case when only_current then w.seq end desc) v
       where (not only_current or v.op <> 'withdraw')
         and v.source_id not in (select s.source_id from source s where not s.redistributable)
       order by v.company_id, v.disclosure_id, case when only_current then 0 else v.version end
    $q$
  $f$, kind_table, kind_table || '_file');
end $$;

create or replace function register_kind(kind_name text, kind_title text, kind_table text) returns void language plpgsql as $$
begin
  insert into kind (kind, title) values (kind_name, kind_title);
  execute format('alter table %1$I add primary key (seq), add foreign key (seq) references change', kind_table);
  execute format('create index on %I (disclosure_id, known_from desc, seq desc)', kind_table);
  execute format('create index on %I (company_id, natural_key)', kind_table);
  execute format('create trigger refuse_rewrite before update or delete or truncate on %I '
                 'for each statement execute function refuse_rewrite()', kind_table);
  execute format('grant select on %I to almanac_reader, almanac_publisher', kind_table);
  execute format('grant insert on %I to almanac_publisher', kind_table);
  perform add_file_rows(kind_table);
end $$;

-- Publishing waits its turn while the indexes are made; reading goes on.
select pg_advisory_xact_lock(7018351);
do $$
declare
  kind_table text;
begin
  for kind_table in
    select c.relname from pg_constraint k join pg_class c on c.oid = k.conrelid
     where k.contype = 'u' and k.connamespace = 'public'::regnamespace and k.conname = c.relname || '_disclosure_id_version_key'
       and c.relname <> 'change'
  loop
    perform add_file_rows(kind_table);
  end loop;
end $$;
