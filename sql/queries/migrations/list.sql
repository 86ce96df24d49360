-- Migrations that were applied, with the checksum they had.
select version, sha256 from schema_migration order by version
