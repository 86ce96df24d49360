-- A worker that has to stop, or found that nobody wants the job, gives it back: to the queue, or dropped.
-- params: job_id, worker
update export_job j
   set worker = null, lease_until = null, attempts = j.attempts - 1,
       status = case when exists (
           select from export e where e.job_id = j.job_id and e.expires_at > now())
         then 'queued' else 'dropped' end
 where j.job_id = $1::bytea and j.worker = $2::uuid
