-- An export is wanted no more.
-- params: id
delete from export
 where export_id = $1::uuid
