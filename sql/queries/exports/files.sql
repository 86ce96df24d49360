-- Every file that a job names.
select encode(sha256, 'hex') as sha256, name
  from export_job
 where status = 'done'
