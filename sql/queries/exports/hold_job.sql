-- The job of an export, locked until the transaction ends. No row if there is no such export.
-- params: id
select j.job_id
  from export_job j
 where j.job_id = (select e.job_id from export e where e.export_id = $1::uuid)
   for update
