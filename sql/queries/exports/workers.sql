-- Workers that have a job.
select worker::text as worker
  from export_job
 where status = 'running'
