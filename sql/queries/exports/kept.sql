-- How many jobs are kept, and how many bytes their files have.
select count(*) as jobs, coalesce(sum(size_bytes), 0)::bigint as size_bytes
  from export_job
 where status in ('queued', 'running', 'done')
