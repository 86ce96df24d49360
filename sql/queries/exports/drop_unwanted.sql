-- A job that waits or runs ends if nobody wants it any more.
-- params: job_id
update export_job j
   set status = 'dropped', worker = null, lease_until = null
 where j.job_id = $1::bytea and j.status in ('queued', 'running')
   and not exists (
         select from export e where e.job_id = j.job_id and e.expires_at > now())
