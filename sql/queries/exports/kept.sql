-- How many jobs are kept, how many bytes their files have, and whether this one is among them.
-- params: job_id
select count(*) as jobs, coalesce(sum(size_bytes), 0)::bigint as size_bytes,
       count(*) filter (where job_id = $1::bytea) > 0 as known
  from export_job
 where status in ('queued', 'running', 'done')
