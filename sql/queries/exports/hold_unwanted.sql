-- Jobs that do not run and that nobody seems to want, locked until the transaction ends: orders of them come before or after.
select j.job_id
  from export_job j
 where j.status in ('queued', 'done', 'failed')
   and not exists (
         select from export e where e.job_id = j.job_id and e.expires_at > now())
 order by j.job_id
   for update
