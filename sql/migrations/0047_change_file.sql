-- transaction: off
-- Files of the corpus are in this order: read by it, nothing is sorted and no version is looked up by its place in the feed.
create index concurrently change_file on change (kind, company_id, disclosure_id, version) include (edition, source_id);
