-- Jobs that do not run and that nobody wants any more lose their file.
update export_job j
   set status = 'dropped', finished_at = null, reason = null, name = null, sha256 = null, size_bytes = null, rows = null,
       withheld = null, citation = null
 where j.status in ('queued', 'done', 'failed')
   and not exists (
         select from export e where e.job_id = j.job_id and e.expires_at > now())
