-- What imports need to lose nothing: flags, CDP's band E, confirmations on the axis of editions, late knowledge of whom a row is about.
alter table emission add column quality_flags text[] not null default '{}';
alter table indicator add column quality_flags text[] not null default '{}';
alter table emission add check (quality_flags <@ array['over_1_gt', 'jump_1000']) not valid;
alter table indicator add check (quality_flags <@ array['over_1_gt', 'jump_1000']) not valid;

-- The new check allows more than the old one.
-- squawk-ignore ban-drop-constraint
alter table rating drop constraint rating_check1;
alter table rating add check (scheme <> 'cdp' or grade in ('A', 'A-', 'B', 'B-', 'C', 'C-', 'D', 'D-', 'E', 'F')) not valid;
alter table rating add check (scheme <> 'cdp' or grade <> 'E' or year <= 2015) not valid;

-- A version has every key of its kind, so those that were published before get the new one; what they say stays.
alter table change disable trigger refuse_rewrite;
update change
   set body = convert_to(
         regexp_replace(convert_from(body, 'UTF8'),
                        case kind when 'emissions' then '("assurance":(?:null|"[a-z]+"))'
                                  else '("missing_reason":(?:null|"[a-z_]+"))' end,
                        '\1,"quality_flags":[]'), 'UTF8')
 where kind in ('emissions', 'indicators');
alter table change enable trigger refuse_rewrite;

-- What was stated up to an edition never changes; a statement that only confirms shows from the next edition on.
alter table edition add column last_statement bigint;
comment on column edition.last_statement is 'The newest statement when the edition was closed; null where that was not recorded.';

-- A row that an importer could not place before may be placed later; everything else of it stays.
drop trigger refuse_rewrite on raw_row;
create trigger refuse_rewrite before delete or truncate on raw_row
  for each statement execute function refuse_rewrite();
create trigger refuse_change before update on raw_row
  for each row when (old.company_id is not null
    or (new.source_id, new.sheet, new.row, new.hash, new.cells)
       is distinct from (old.source_id, old.sheet, old.row, old.hash, old.cells))
  execute function refuse_rewrite();
grant update (company_id) on raw_row to almanac_publisher;
