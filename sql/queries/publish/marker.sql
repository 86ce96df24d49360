-- The newest statement that this transaction can see.
select coalesce(max(statement_id), 0) from statement
