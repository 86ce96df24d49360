-- transaction: off
create index concurrently statement_source on statement (source_id, statement_id);
