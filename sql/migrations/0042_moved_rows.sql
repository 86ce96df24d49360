-- A kept row may turn out to be about another company, once an older release of its register is known; all else of it stays.
drop trigger refuse_change on raw_row;
create trigger refuse_change before update on raw_row
  for each row when ((new.source_id, new.sheet, new.row, new.hash, new.cells)
       is distinct from (old.source_id, old.sheet, old.row, old.hash, old.cells))
  execute function refuse_rewrite();
