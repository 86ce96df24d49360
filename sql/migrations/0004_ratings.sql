-- Ratings: the grade of a rater by programme and year.
create table rating (
  like version_header including all,
  scheme            text    not null,
  programme         text    not null,
  year              integer not null check (year between 1900 and 2200),
  subject           text,
  grade             text,
  grade_rank        integer check (grade_rank > 0),
  band              text,
  score             numeric check (score <> 'NaN' and abs(score) < 1e31),
  response_status   text,
  consecutive_years integer check (consecutive_years between 1 and 200),
  check (num_nonnulls(grade, score, response_status) > 0),
  check (scheme <> 'cdp' or grade in ('A', 'A-', 'B', 'B-', 'C', 'C-', 'D', 'D-', 'F'))
);
select register_kind('ratings', 'Ratings', 'rating');
create index rating_scheme on rating (scheme, programme, year, company_id, natural_key);
