-- transaction: off
create index concurrently company_record_edition on company_record (edition);
