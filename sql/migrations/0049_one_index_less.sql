-- transaction: off
-- What the index of 0048 stands in for goes, one table at a time: each waits for who reads the table, and holds up nobody else.
do $$
declare
  one record;
begin
  for one in
    select c.relname, k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid
     where k.contype = 'u' and k.connamespace = 'public'::regnamespace and k.conname = c.relname || '_disclosure_id_version_key'
       and c.relname <> 'change'
  loop
    execute format('alter table public.%I drop constraint %I', one.relname, one.conname);
    commit;
  end loop;
end $$;
