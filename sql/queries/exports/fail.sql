-- A job cannot be done, for this reason. Nothing if the job is no longer this worker's.
-- params: job_id, worker, reason
update export_job
   set status = 'failed', worker = null, lease_until = null, finished_at = now(), reason = $3::text
 where job_id = $1::bytea and worker = $2::uuid
