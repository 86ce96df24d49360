-- How many exports of a caller wait for their file.
-- params: caller_hash
select count(*)
  from export e
  join export_job j using (job_id)
 where e.caller_hash = $1::bytea and e.cancelled_at is null and e.expires_at > now() and j.status in ('queued', 'running')
