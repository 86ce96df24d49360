-- Emissions: greenhouse gases by metric and period.
create table emission (
  like version_header including all,
  metric             text    not null references metric,
  period             text    not null,
  year               integer not null check (year between 1900 and 2200),
  gas                text    check (gas in ('CO2', 'CH4', 'N2O', 'HFCs', 'PFCs', 'SF6', 'NF3')),
  boundary           text,
  geography          text,
  segment            text,
  value              numeric check (value <> 'NaN' and abs(value) < 1e31),
  qualifier          text    not null check (qualifier in ('exact', 'about', 'more_than', 'at_least', 'less_than', 'at_most')),
  unit               text    not null,
  decimals           integer check (decimals between 0 and 60),
  missing_reason     text    check (missing_reason in ('not_disclosed', 'not_applicable', 'not_evaluated', 'not_available',
                        'withheld', 'ratio_only', 'illegible')),
  basis              text    not null check (basis in ('reported', 'restated', 'estimated', 'third_party')),
  gwp_set            text    check (gwp_set in ('SAR', 'TAR', 'AR4', 'AR5', 'AR6', 'mixed')),
  restatement_reason text    check (restatement_reason in ('data_availability', 'methodology', 'reporting_boundary',
                        'reporting_timeframe', 'error', 'structural_change')),
  assurance          text    check (assurance in ('none', 'limited', 'moderate', 'reasonable', 'high')),
  check ((value is null) <> (missing_reason is null)),
  check ((value is null) = (decimals is null))
);
select register_kind('emissions', 'Emissions', 'emission');
create index emission_metric on emission (metric, year, company_id, natural_key);
create index emission_year on emission (year, company_id, natural_key);
