-- A job has its file. No row if the job is no longer this worker's.
-- params: job_id, worker, rows_total, name, sha256, size_bytes, rows, withheld, citation
update export_job
   set status = 'done', worker = null, lease_until = null, finished_at = now(), rows_total = $3::bigint,
       rows_done = $3, name = $4::text, sha256 = $5::bytea, size_bytes = $6::bigint, rows = $7::bigint,
       withheld = $8::bigint, citation = $9::text
 where job_id = $1::bytea and worker = $2::uuid
returning job_id
