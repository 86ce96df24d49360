-- Identity events: merges, renames and aliases of companies, and who a company was merged into.
create table identity_event (
  like version_header including all,
  event text not null check (event in ('merged_from', 'renamed', 'alias')),
  other text collate "C" references company,
  name  text,
  check ((event = 'merged_from') = (other is not null)),
  check ((event in ('renamed', 'alias')) = (name is not null)),
  check (other <> company_id)
);
select register_kind('identity-events', 'Identity events', 'identity_event');
create index identity_event_merged on identity_event (other, seq desc) where event = 'merged_from';

-- The company that another one was merged into, directly, as of an edition; null if it stands by itself.
create function merged_into(company text, at_edition integer) returns text language sql stable as $$
  select case when e.op <> 'withdraw' then e.company_id end
    from identity_event e
   where e.other = company and e.event = 'merged_from' and e.edition <= at_edition
   order by e.seq desc
   limit 1
$$;

-- Every company that is merged into another now, with the one that it is found under in the end.
create view merged as
with recursive step (company_id, into_id) as (
  select distinct e.other, merged_into(e.other, 2147483647)
    from identity_event e
   where e.event = 'merged_from'
), chain (company_id, into_id) as (
  select s.company_id, s.into_id from step s where s.into_id is not null
  union all
  select c.company_id, s.into_id from chain c join step s on s.company_id = c.into_id where s.into_id is not null
)
select c.company_id, c.into_id
  from chain c
 where not exists (select from step s where s.company_id = c.into_id and s.into_id is not null);
grant select on merged to almanac_reader, almanac_publisher;

-- Names, identifiers and classes may be taken back by an editor: from `gone` on they are not the company's any more.
alter table company_name add column gone integer;
alter table company_identifier add column gone integer;
alter table company_class add column gone integer;
grant update (gone) on company_name, company_identifier, company_class to almanac_publisher;

-- Which edition wrote a statement; null where it only confirmed what was known, which makes no edition.
alter table statement add column edition integer;

create or replace function company_of(ref text, at_edition integer) returns text language sql stable as $$
  select case
    when position(':' in ref) = 0 then
      (select c.company_id from company c
        where c.company_id = ref and c.edition <= at_edition and merged_into(c.company_id, at_edition) is null)
    else
      (select min(i.company_id)
         from company_identifier i
        where i.scheme = split_part(ref, ':', 1) and i.value = split_part(ref, ':', 2)
          and i.edition <= at_edition and (i.gone is null or i.gone > at_edition) and i.check_ok is not false
          and merged_into(i.company_id, at_edition) is null
       having count(*) = 1)
  end
$$;
