-- Indicators: everything countable that is not a gas.
create table indicator (
  like version_header including all,
  metric         text    not null references metric,
  period         text    not null,
  year           integer not null check (year between 1900 and 2200),
  segment        text,
  value          numeric check (value <> 'NaN' and abs(value) < 1e31),
  qualifier      text    not null check (qualifier in ('exact', 'about', 'more_than', 'at_least', 'less_than', 'at_most')),
  unit           text    not null,
  decimals       integer check (decimals between 0 and 60),
  missing_reason text    check (missing_reason in ('not_disclosed', 'not_applicable', 'not_evaluated', 'not_available',
                        'withheld', 'ratio_only', 'illegible')),
  check ((value is null) <> (missing_reason is null)),
  check ((value is null) = (decimals is null))
);
select register_kind('indicators', 'Indicators', 'indicator');
create index indicator_metric on indicator (metric, year, company_id, natural_key);
