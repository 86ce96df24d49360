-- Notes that a migration ran.
-- params: version, name, sha256, duration_ms
insert into schema_migration (version, name, sha256, duration_ms) values ($1::integer, $2::text, $3::bytea, $4::integer)
