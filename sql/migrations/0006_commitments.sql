-- Commitments: a promise, its deadline and what became of it.
create table commitment (
  like version_header including all,
  scheme       text    not null,
  type         text    not null check (type in ('near_term', 'net_zero', 'ba15', 'membership', 'alignment_1_5c', 'other')),
  status       text    not null check (status in ('active', 'extended', 'targets_set', 'removed', 'announced')),
  published_on text,
  deadline     date,
  horizon_year integer check (horizon_year between 1900 and 2200),
  wording      text,
  reason       text
);
select register_kind('commitments', 'Commitments', 'commitment');
create index commitment_status on commitment (scheme, type, status, company_id, natural_key);
