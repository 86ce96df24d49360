-- Claimed changes: a change as the company words it, with or without levels.
create table claimed_change (
  like version_header including all,
  metric          text    not null references metric,
  period          text    not null,
  year            integer not null check (year between 1900 and 2200),
  compared_period text    not null,
  measure         text    not null check (measure in ('change_pct', 'change_pp', 'change_abs')),
  segment         text,
  value           numeric not null check (value <> 'NaN' and abs(value) < 1e31),
  qualifier       text    not null check (qualifier in ('exact', 'about', 'more_than', 'at_least', 'less_than', 'at_most')),
  unit            text    not null,
  decimals        integer not null check (decimals between 0 and 60),
  check (case measure when 'change_pct' then unit = 'percent' when 'change_pp' then unit = 'percentage_point' else true end)
);
select register_kind('claimed-changes', 'Claimed changes', 'claimed_change');
create index claimed_change_metric on claimed_change (metric, year, company_id, natural_key);
