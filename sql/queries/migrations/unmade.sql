-- The statement that takes away an index, which no transaction may hold.
-- params: name
select format('drop index concurrently if exists %I', $1::text)
