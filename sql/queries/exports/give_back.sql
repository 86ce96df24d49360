-- Gives a job back to the queue, or drops it if nobody wants it. One that cannot be made yet goes behind the others.
-- params: job_id, worker, behind
update export_job j
   set worker = null, lease_until = null, attempts = j.attempts - 1,
       queued_at = case when $3::boolean then clock_timestamp() else j.queued_at end,
       status = case when exists (
           select from export e where e.job_id = j.job_id and e.expires_at > now())
         then 'queued' else 'dropped' end
 where j.job_id = $1::bytea and j.worker = $2::uuid
