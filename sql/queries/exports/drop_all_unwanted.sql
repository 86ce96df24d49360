-- Jobs among those held that do not run and that nobody wants any more lose their file.
-- params: job_ids
update export_job j
   set status = 'dropped', finished_at = null, reason = null, name = null, sha256 = null, size_bytes = null, rows = null,
       withheld = null, citation = null
 where j.job_id = any ($1::bytea[]) and j.status in ('queued', 'done', 'failed')
   and not exists (
         select from export e where e.job_id = j.job_id and e.expires_at > now())
