-- Number of rows of the list that a job is of, if that was found out before. No row if there is no such job.
-- params: job_id
select rows_total
  from export_job
 where job_id = $1::bytea
