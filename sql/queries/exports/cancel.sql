-- An export is wanted no more; one that was cancelled before stays as it was.
-- params: id
update export
   set cancelled_at = now()
 where export_id = $1::uuid and cancelled_at is null
