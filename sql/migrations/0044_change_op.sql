-- transaction: off
-- A feed of withdrawals alone reads those, and not what was added between them; most changes add.
create index concurrently change_op on change (op, seq) where op <> 'add';
