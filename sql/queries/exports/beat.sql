-- A worker is still at its job and has come so far. No row if the job is no longer its own, or nobody wants it any more.
-- params: job_id, worker, lease_ms, rows_done, rows_total
update export_job j
   set lease_until = clock_timestamp() + $3::integer * interval '1 ms', rows_done = $4::bigint, rows_total = $5::bigint
 where j.job_id = $1::bytea and j.worker = $2::uuid
   and exists (select from export e where e.job_id = j.job_id and e.expires_at > now())
returning j.job_id
