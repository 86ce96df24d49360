-- How many exports of a caller are kept, and how many of them wait for their file.
-- params: caller_hash
select count(*) as kept,
       count(*) filter (
           where e.expires_at > now() and j.status in ('queued', 'running')) as under_way
  from export e
  join export_job j using (job_id)
 where e.caller_hash = $1::bytea
