-- The job that waited longest, or whose worker says nothing any more, now of this worker. No row if there is nothing to do.
-- params: worker, lease_ms
update export_job
   set status = 'running', worker = $1::uuid, lease_until = clock_timestamp() + $2::integer * interval '1 ms',
       attempts = attempts + 1, rows_done = 0
 where job_id = (
         select j.job_id
           from export_job j
          where j.status = 'queued' or (j.status = 'running' and j.lease_until < clock_timestamp())
          order by j.queued_at
          limit 1
            for update skip locked)
returning job_id, wanted, attempts, rows_total
