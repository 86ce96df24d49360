-- One export with what became of its job. No row if there is no such export.
-- What an equal order had made before is finished for this one when it is asked for: its times are its own.
-- params: id
select e.export_id::text as id, j.wanted,
       case when e.expires_at <= now() then 'expired' else j.status end as status,
       e.received_at, e.expires_at,
       case when j.finished_at is not null then greatest(j.finished_at, e.received_at) end as finished_at,
       j.rows_total, j.rows_done, j.reason, j.name, j.sha256, j.size_bytes, j.rows, j.withheld, j.citation
  from export e
  join export_job j using (job_id)
 where e.export_id = $1::uuid
