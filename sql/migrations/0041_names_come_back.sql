-- A name, identifier or class that was taken back may come again: its key holds the edition that brought it.
-- Each new key has one column more than the one it replaces, so no row can offend it.
-- squawk-ignore ban-drop-constraint, adding-serial-primary-key-field, constraint-missing-not-valid
alter table company_name drop constraint company_name_pkey, add primary key (company_id, name, edition);
-- squawk-ignore ban-drop-constraint, adding-serial-primary-key-field, constraint-missing-not-valid
alter table company_identifier drop constraint company_identifier_pkey, add primary key (company_id, scheme, value, edition);
-- squawk-ignore ban-drop-constraint, adding-serial-primary-key-field, constraint-missing-not-valid
alter table company_class drop constraint company_class_pkey, add primary key (company_id, scheme, code, edition);
