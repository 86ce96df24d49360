-- Jobs that were dropped and that no export names any more are forgotten.
delete from export_job j
 where j.status = 'dropped' and not exists (select from export e where e.job_id = j.job_id)
