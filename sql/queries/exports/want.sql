-- The job, queued if it is new, failed or was dropped; otherwise left as it is. Locked in any case until the transaction ends.
-- params: job_id, wanted, rows_total
insert into export_job as j (job_id, wanted, status, rows_total)
values ($1::bytea, $2::bytea, 'queued', $3::bigint)
    on conflict (job_id) do update
   set status = 'queued', queued_at = now(), attempts = 0, rows_done = 0, finished_at = null, reason = null,
       rows_total = coalesce(excluded.rows_total, j.rows_total)
 where j.status in ('failed', 'dropped')
