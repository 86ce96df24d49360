-- Targets: what a company aims at, by when, from which base.
create table target (
  like version_header including all,
  scheme           text    not null,
  term             text    not null check (term in ('near_term', 'long_term', 'net_zero', 'interim', 'other')),
  reference        text    not null,
  target_kind      text    check (target_kind in ('absolute', 'intensity', 'net_zero', 'engagement', 'renewable_electricity',
                      'maintenance', 'no_deforestation', 'other')),
  status           text    not null check (status in ('targets_set', 'committed', 'removed', 'expired', 'achieved', 'announced')),
  value_pct        numeric check (value_pct <> 'NaN' and abs(value_pct) < 1e31),
  base_year        integer check (base_year between 1900 and 2200),
  target_year      integer check (target_year between 1900 and 2200),
  year_type        text    check (year_type in ('calendar', 'financial')),
  scopes           text[]  not null check (scopes <@ array['1', '2', '3']),
  coverage_pct     numeric check (coverage_pct <> 'NaN' and abs(coverage_pct) < 1e31),
  intensity_metric text,
  ambition         text    check (ambition in ('1.5C', 'well_below_2C', '2C')),
  wording          text,
  validation       text,
  published_on     text,
  status_reason    text
);
select register_kind('targets', 'Targets', 'target');
create index target_status on target (scheme, term, status, company_id, natural_key);
