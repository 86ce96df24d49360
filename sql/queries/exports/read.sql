-- One export with what became of its job. No row if there is no such export.
-- params: id
select e.export_id::text as id, j.wanted,
       case when e.expires_at <= now() then 'expired' else j.status end as status,
       e.received_at, e.expires_at, j.finished_at, j.rows_total, j.rows_done, j.reason, j.name, j.sha256, j.size_bytes,
       j.rows, j.withheld, j.citation
  from export e
  join export_job j using (job_id)
 where e.export_id = $1::uuid
