-- Whether rows of a file are kept.
-- params: sha256
select exists (select from raw_row r join source s using (source_id) where s.sha256 = $1::text)
