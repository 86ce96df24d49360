-- The whole schema, made by all migrations together. Generated: UPDATE_GOLDEN=1 pytest tests/queries/test_schema.py
-- PostgreSQL 18

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE FUNCTION public.add_file_rows(kind_table text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  execute format('create unique index on %I (company_id, disclosure_id, version)', kind_table);
  perform make_file_rows(kind_table);
end $$;

CREATE TABLE public.award (
    seq bigint CONSTRAINT version_header_seq_not_null NOT NULL,
    disclosure_id uuid CONSTRAINT version_header_disclosure_id_not_null NOT NULL,
    version integer CONSTRAINT version_header_version_not_null NOT NULL,
    company_id text CONSTRAINT version_header_company_id_not_null NOT NULL COLLATE pg_catalog."C",
    edition integer CONSTRAINT version_header_edition_not_null NOT NULL,
    op text CONSTRAINT version_header_op_not_null NOT NULL,
    known_from date CONSTRAINT version_header_known_from_not_null NOT NULL,
    natural_key text CONSTRAINT version_header_natural_key_not_null NOT NULL COLLATE pg_catalog."C",
    source_id uuid CONSTRAINT version_header_source_id_not_null NOT NULL,
    page text,
    quote text,
    as_reported text,
    note text,
    name text NOT NULL,
    issuer text,
    year integer,
    category text,
    recipient text,
    CONSTRAINT award_year_check CHECK (((year >= 1900) AND (year <= 2200))),
    CONSTRAINT version_header_op_check CHECK ((op = ANY (ARRAY['add'::text, 'restate'::text, 'backfill'::text, 'correct'::text, 'withdraw'::text]))),
    CONSTRAINT version_header_version_check CHECK ((version > 0))
);

CREATE FUNCTION public.award_file(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer) RETURNS SETOF public.award
    LANGUAGE sql STABLE
    AS $$
      (select w.*
         from award w
        where not only_current and w.edition <= at_edition
          and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
          and w.source_id not in (select s.source_id from source s where not s.redistributable)
        order by w.company_id, w.disclosure_id, w.version)
      union all
      (select v.*
         from (select distinct on (w.company_id, w.disclosure_id) w.*
                 from award w
                where only_current and w.edition <= at_edition
                  and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
                order by w.company_id, w.disclosure_id, w.known_from desc, w.seq desc) v
        where v.op <> 'withdraw'
          and v.source_id not in (select s.source_id from source s where not s.redistributable)
        order by v.company_id, v.disclosure_id)
    $$;

CREATE TABLE public.certification (
    seq bigint CONSTRAINT version_header_seq_not_null NOT NULL,
    disclosure_id uuid CONSTRAINT version_header_disclosure_id_not_null NOT NULL,
    version integer CONSTRAINT version_header_version_not_null NOT NULL,
    company_id text CONSTRAINT version_header_company_id_not_null NOT NULL COLLATE pg_catalog."C",
    edition integer CONSTRAINT version_header_edition_not_null NOT NULL,
    op text CONSTRAINT version_header_op_not_null NOT NULL,
    known_from date CONSTRAINT version_header_known_from_not_null NOT NULL,
    natural_key text CONSTRAINT version_header_natural_key_not_null NOT NULL COLLATE pg_catalog."C",
    source_id uuid CONSTRAINT version_header_source_id_not_null NOT NULL,
    page text,
    quote text,
    as_reported text,
    note text,
    standard text NOT NULL,
    scheme text,
    subject text NOT NULL,
    subject_name text,
    issuer text,
    number text,
    coverage text,
    valid_from date,
    valid_to date,
    CONSTRAINT certification_check CHECK ((valid_from <= valid_to)),
    CONSTRAINT certification_subject_check CHECK ((subject = ANY (ARRAY['organisation'::text, 'site'::text, 'product'::text, 'process'::text]))),
    CONSTRAINT version_header_op_check CHECK ((op = ANY (ARRAY['add'::text, 'restate'::text, 'backfill'::text, 'correct'::text, 'withdraw'::text]))),
    CONSTRAINT version_header_version_check CHECK ((version > 0))
);

CREATE FUNCTION public.certification_file(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer) RETURNS SETOF public.certification
    LANGUAGE sql STABLE
    AS $$
      (select w.*
         from certification w
        where not only_current and w.edition <= at_edition
          and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
          and w.source_id not in (select s.source_id from source s where not s.redistributable)
        order by w.company_id, w.disclosure_id, w.version)
      union all
      (select v.*
         from (select distinct on (w.company_id, w.disclosure_id) w.*
                 from certification w
                where only_current and w.edition <= at_edition
                  and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
                order by w.company_id, w.disclosure_id, w.known_from desc, w.seq desc) v
        where v.op <> 'withdraw'
          and v.source_id not in (select s.source_id from source s where not s.redistributable)
        order by v.company_id, v.disclosure_id)
    $$;

CREATE TABLE public.change (
    seq bigint NOT NULL,
    edition integer NOT NULL,
    kind text NOT NULL,
    disclosure_id uuid NOT NULL,
    version integer NOT NULL,
    op text NOT NULL,
    company_id text NOT NULL COLLATE pg_catalog."C",
    known_from date NOT NULL,
    natural_key text NOT NULL COLLATE pg_catalog."C",
    source_id uuid NOT NULL,
    content_hash bytea NOT NULL,
    changed text[] NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT change_content_hash_check CHECK ((octet_length(content_hash) = 16)),
    CONSTRAINT change_op_check CHECK ((op = ANY (ARRAY['add'::text, 'restate'::text, 'backfill'::text, 'correct'::text, 'withdraw'::text]))),
    CONSTRAINT change_seq_check CHECK ((seq > 0)),
    CONSTRAINT change_version_check CHECK ((version > 0))
);

COMMENT ON TABLE public.change IS 'One row a version, across kinds, in order of commit: the feed, the history, the diff. body is the version as served.';

CREATE FUNCTION public.change_file(at_edition integer, since integer, only_current boolean, of_kind text, from_company text, from_id uuid, from_version integer) RETURNS SETOF public.change
    LANGUAGE sql STABLE
    AS $$
  (select c.*
     from change c
    where not only_current and c.kind = of_kind and c.edition > since and c.edition <= at_edition
      and (c.company_id, c.disclosure_id, c.version) >= (from_company, from_id, from_version)
      and c.source_id not in (select s.source_id from source s where not s.redistributable)
    order by c.company_id, c.disclosure_id, c.version)
  union all
  (select v.*
     from (select distinct on (c.company_id, c.disclosure_id) c.*
             from change c
            where only_current and c.kind = of_kind and c.edition <= at_edition
              and (c.company_id, c.disclosure_id, c.version) >= (from_company, from_id, from_version)
              and (since = 0 or c.disclosure_id = any (array(
                    select distinct n.disclosure_id from change n
                     where n.kind = of_kind and n.edition > since and n.edition <= at_edition)))
            order by c.company_id, c.disclosure_id, c.known_from desc, c.seq desc) v
    where v.edition > since and v.op <> 'withdraw'
      and v.source_id not in (select s.source_id from source s where not s.redistributable)
    order by v.company_id, v.disclosure_id)
$$;

CREATE TABLE public.claimed_change (
    seq bigint CONSTRAINT version_header_seq_not_null NOT NULL,
    disclosure_id uuid CONSTRAINT version_header_disclosure_id_not_null NOT NULL,
    version integer CONSTRAINT version_header_version_not_null NOT NULL,
    company_id text CONSTRAINT version_header_company_id_not_null NOT NULL COLLATE pg_catalog."C",
    edition integer CONSTRAINT version_header_edition_not_null NOT NULL,
    op text CONSTRAINT version_header_op_not_null NOT NULL,
    known_from date CONSTRAINT version_header_known_from_not_null NOT NULL,
    natural_key text CONSTRAINT version_header_natural_key_not_null NOT NULL COLLATE pg_catalog."C",
    source_id uuid CONSTRAINT version_header_source_id_not_null NOT NULL,
    page text,
    quote text,
    as_reported text,
    note text,
    metric text NOT NULL,
    period text NOT NULL,
    year integer NOT NULL,
    compared_period text NOT NULL,
    measure text NOT NULL,
    segment text,
    value numeric NOT NULL,
    qualifier text NOT NULL,
    unit text NOT NULL,
    decimals integer NOT NULL,
    CONSTRAINT claimed_change_check CHECK (
CASE measure
    WHEN 'change_pct'::text THEN (unit = 'percent'::text)
    WHEN 'change_pp'::text THEN (unit = 'percentage_point'::text)
    ELSE true
END),
    CONSTRAINT claimed_change_decimals_check CHECK (((decimals >= 0) AND (decimals <= 60))),
    CONSTRAINT claimed_change_measure_check CHECK ((measure = ANY (ARRAY['change_pct'::text, 'change_pp'::text, 'change_abs'::text]))),
    CONSTRAINT claimed_change_qualifier_check CHECK ((qualifier = ANY (ARRAY['exact'::text, 'about'::text, 'more_than'::text, 'at_least'::text, 'less_than'::text, 'at_most'::text]))),
    CONSTRAINT claimed_change_value_check CHECK (((value <> 'NaN'::numeric) AND (abs(value) < '10000000000000000000000000000000'::numeric))),
    CONSTRAINT claimed_change_year_check CHECK (((year >= 1900) AND (year <= 2200))),
    CONSTRAINT version_header_op_check CHECK ((op = ANY (ARRAY['add'::text, 'restate'::text, 'backfill'::text, 'correct'::text, 'withdraw'::text]))),
    CONSTRAINT version_header_version_check CHECK ((version > 0))
);

CREATE FUNCTION public.claimed_change_file(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer) RETURNS SETOF public.claimed_change
    LANGUAGE sql STABLE
    AS $$
      (select w.*
         from claimed_change w
        where not only_current and w.edition <= at_edition
          and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
          and w.source_id not in (select s.source_id from source s where not s.redistributable)
        order by w.company_id, w.disclosure_id, w.version)
      union all
      (select v.*
         from (select distinct on (w.company_id, w.disclosure_id) w.*
                 from claimed_change w
                where only_current and w.edition <= at_edition
                  and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
                order by w.company_id, w.disclosure_id, w.known_from desc, w.seq desc) v
        where v.op <> 'withdraw'
          and v.source_id not in (select s.source_id from source s where not s.redistributable)
        order by v.company_id, v.disclosure_id)
    $$;

CREATE TABLE public.commitment (
    seq bigint CONSTRAINT version_header_seq_not_null NOT NULL,
    disclosure_id uuid CONSTRAINT version_header_disclosure_id_not_null NOT NULL,
    version integer CONSTRAINT version_header_version_not_null NOT NULL,
    company_id text CONSTRAINT version_header_company_id_not_null NOT NULL COLLATE pg_catalog."C",
    edition integer CONSTRAINT version_header_edition_not_null NOT NULL,
    op text CONSTRAINT version_header_op_not_null NOT NULL,
    known_from date CONSTRAINT version_header_known_from_not_null NOT NULL,
    natural_key text CONSTRAINT version_header_natural_key_not_null NOT NULL COLLATE pg_catalog."C",
    source_id uuid CONSTRAINT version_header_source_id_not_null NOT NULL,
    page text,
    quote text,
    as_reported text,
    note text,
    scheme text NOT NULL,
    type text NOT NULL,
    status text NOT NULL,
    published_on text,
    deadline date,
    horizon_year integer,
    wording text,
    reason text,
    CONSTRAINT commitment_horizon_year_check CHECK (((horizon_year >= 1900) AND (horizon_year <= 2200))),
    CONSTRAINT commitment_status_check CHECK ((status = ANY (ARRAY['active'::text, 'extended'::text, 'targets_set'::text, 'removed'::text, 'announced'::text]))),
    CONSTRAINT commitment_type_check CHECK ((type = ANY (ARRAY['near_term'::text, 'net_zero'::text, 'ba15'::text, 'membership'::text, 'alignment_1_5c'::text, 'other'::text]))),
    CONSTRAINT version_header_op_check CHECK ((op = ANY (ARRAY['add'::text, 'restate'::text, 'backfill'::text, 'correct'::text, 'withdraw'::text]))),
    CONSTRAINT version_header_version_check CHECK ((version > 0))
);

CREATE FUNCTION public.commitment_file(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer) RETURNS SETOF public.commitment
    LANGUAGE sql STABLE
    AS $$
      (select w.*
         from commitment w
        where not only_current and w.edition <= at_edition
          and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
          and w.source_id not in (select s.source_id from source s where not s.redistributable)
        order by w.company_id, w.disclosure_id, w.version)
      union all
      (select v.*
         from (select distinct on (w.company_id, w.disclosure_id) w.*
                 from commitment w
                where only_current and w.edition <= at_edition
                  and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
                order by w.company_id, w.disclosure_id, w.known_from desc, w.seq desc) v
        where v.op <> 'withdraw'
          and v.source_id not in (select s.source_id from source s where not s.redistributable)
        order by v.company_id, v.disclosure_id)
    $$;

CREATE FUNCTION public.company_of(ref text, at_edition integer) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  select case
    when position(':' in ref) = 0 then
      (select c.company_id from company c
        where c.company_id = ref and c.edition <= at_edition and merged_into(c.company_id, at_edition) is null)
    else
      (select min(i.company_id)
         from company_identifier i
        where i.scheme = split_part(ref, ':', 1) and i.value = split_part(ref, ':', 2)
          and i.edition <= at_edition and (i.gone is null or i.gone > at_edition) and i.check_ok is not false
          and merged_into(i.company_id, at_edition) is null
       having count(*) = 1)
  end
$$;

CREATE TABLE public.emission (
    seq bigint CONSTRAINT version_header_seq_not_null NOT NULL,
    disclosure_id uuid CONSTRAINT version_header_disclosure_id_not_null NOT NULL,
    version integer CONSTRAINT version_header_version_not_null NOT NULL,
    company_id text CONSTRAINT version_header_company_id_not_null NOT NULL COLLATE pg_catalog."C",
    edition integer CONSTRAINT version_header_edition_not_null NOT NULL,
    op text CONSTRAINT version_header_op_not_null NOT NULL,
    known_from date CONSTRAINT version_header_known_from_not_null NOT NULL,
    natural_key text CONSTRAINT version_header_natural_key_not_null NOT NULL COLLATE pg_catalog."C",
    source_id uuid CONSTRAINT version_header_source_id_not_null NOT NULL,
    page text,
    quote text,
    as_reported text,
    note text,
    metric text NOT NULL,
    period text NOT NULL,
    year integer NOT NULL,
    gas text,
    boundary text,
    geography text,
    segment text,
    value numeric,
    qualifier text NOT NULL,
    unit text NOT NULL,
    decimals integer,
    missing_reason text,
    basis text NOT NULL,
    gwp_set text,
    restatement_reason text,
    assurance text,
    quality_flags text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT emission_assurance_check CHECK ((assurance = ANY (ARRAY['none'::text, 'limited'::text, 'moderate'::text, 'reasonable'::text, 'high'::text]))),
    CONSTRAINT emission_basis_check CHECK ((basis = ANY (ARRAY['reported'::text, 'restated'::text, 'estimated'::text, 'third_party'::text]))),
    CONSTRAINT emission_check CHECK (((value IS NULL) <> (missing_reason IS NULL))),
    CONSTRAINT emission_check1 CHECK (((value IS NULL) = (decimals IS NULL))),
    CONSTRAINT emission_decimals_check CHECK (((decimals >= 0) AND (decimals <= 60))),
    CONSTRAINT emission_gas_check CHECK ((gas = ANY (ARRAY['CO2'::text, 'CH4'::text, 'N2O'::text, 'HFCs'::text, 'PFCs'::text, 'SF6'::text, 'NF3'::text]))),
    CONSTRAINT emission_gwp_set_check CHECK ((gwp_set = ANY (ARRAY['SAR'::text, 'TAR'::text, 'AR4'::text, 'AR5'::text, 'AR6'::text, 'mixed'::text]))),
    CONSTRAINT emission_missing_reason_check CHECK ((missing_reason = ANY (ARRAY['not_disclosed'::text, 'not_applicable'::text, 'not_evaluated'::text, 'not_available'::text, 'withheld'::text, 'ratio_only'::text, 'illegible'::text]))),
    CONSTRAINT emission_qualifier_check CHECK ((qualifier = ANY (ARRAY['exact'::text, 'about'::text, 'more_than'::text, 'at_least'::text, 'less_than'::text, 'at_most'::text]))),
    CONSTRAINT emission_restatement_reason_check CHECK ((restatement_reason = ANY (ARRAY['data_availability'::text, 'methodology'::text, 'reporting_boundary'::text, 'reporting_timeframe'::text, 'error'::text, 'structural_change'::text]))),
    CONSTRAINT emission_value_check CHECK (((value <> 'NaN'::numeric) AND (abs(value) < '10000000000000000000000000000000'::numeric))),
    CONSTRAINT emission_year_check CHECK (((year >= 1900) AND (year <= 2200))),
    CONSTRAINT version_header_op_check CHECK ((op = ANY (ARRAY['add'::text, 'restate'::text, 'backfill'::text, 'correct'::text, 'withdraw'::text]))),
    CONSTRAINT version_header_version_check CHECK ((version > 0))
);

CREATE FUNCTION public.emission_file(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer) RETURNS SETOF public.emission
    LANGUAGE sql STABLE
    AS $$
      (select w.*
         from emission w
        where not only_current and w.edition <= at_edition
          and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
          and w.source_id not in (select s.source_id from source s where not s.redistributable)
        order by w.company_id, w.disclosure_id, w.version)
      union all
      (select v.*
         from (select distinct on (w.company_id, w.disclosure_id) w.*
                 from emission w
                where only_current and w.edition <= at_edition
                  and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
                order by w.company_id, w.disclosure_id, w.known_from desc, w.seq desc) v
        where v.op <> 'withdraw'
          and v.source_id not in (select s.source_id from source s where not s.redistributable)
        order by v.company_id, v.disclosure_id)
    $$;

CREATE TABLE public.identity_event (
    seq bigint CONSTRAINT version_header_seq_not_null NOT NULL,
    disclosure_id uuid CONSTRAINT version_header_disclosure_id_not_null NOT NULL,
    version integer CONSTRAINT version_header_version_not_null NOT NULL,
    company_id text CONSTRAINT version_header_company_id_not_null NOT NULL COLLATE pg_catalog."C",
    edition integer CONSTRAINT version_header_edition_not_null NOT NULL,
    op text CONSTRAINT version_header_op_not_null NOT NULL,
    known_from date CONSTRAINT version_header_known_from_not_null NOT NULL,
    natural_key text CONSTRAINT version_header_natural_key_not_null NOT NULL COLLATE pg_catalog."C",
    source_id uuid CONSTRAINT version_header_source_id_not_null NOT NULL,
    page text,
    quote text,
    as_reported text,
    note text,
    event text NOT NULL,
    other text COLLATE pg_catalog."C",
    name text,
    CONSTRAINT identity_event_check CHECK (((event = 'merged_from'::text) = (other IS NOT NULL))),
    CONSTRAINT identity_event_check1 CHECK (((event = ANY (ARRAY['renamed'::text, 'alias'::text])) = (name IS NOT NULL))),
    CONSTRAINT identity_event_check2 CHECK ((other <> company_id)),
    CONSTRAINT identity_event_event_check CHECK ((event = ANY (ARRAY['merged_from'::text, 'renamed'::text, 'alias'::text]))),
    CONSTRAINT version_header_op_check CHECK ((op = ANY (ARRAY['add'::text, 'restate'::text, 'backfill'::text, 'correct'::text, 'withdraw'::text]))),
    CONSTRAINT version_header_version_check CHECK ((version > 0))
);

CREATE FUNCTION public.identity_event_file(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer) RETURNS SETOF public.identity_event
    LANGUAGE sql STABLE
    AS $$
      (select w.*
         from identity_event w
        where not only_current and w.edition <= at_edition
          and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
          and w.source_id not in (select s.source_id from source s where not s.redistributable)
        order by w.company_id, w.disclosure_id, w.version)
      union all
      (select v.*
         from (select distinct on (w.company_id, w.disclosure_id) w.*
                 from identity_event w
                where only_current and w.edition <= at_edition
                  and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
                order by w.company_id, w.disclosure_id, w.known_from desc, w.seq desc) v
        where v.op <> 'withdraw'
          and v.source_id not in (select s.source_id from source s where not s.redistributable)
        order by v.company_id, v.disclosure_id)
    $$;

CREATE TABLE public.indicator (
    seq bigint CONSTRAINT version_header_seq_not_null NOT NULL,
    disclosure_id uuid CONSTRAINT version_header_disclosure_id_not_null NOT NULL,
    version integer CONSTRAINT version_header_version_not_null NOT NULL,
    company_id text CONSTRAINT version_header_company_id_not_null NOT NULL COLLATE pg_catalog."C",
    edition integer CONSTRAINT version_header_edition_not_null NOT NULL,
    op text CONSTRAINT version_header_op_not_null NOT NULL,
    known_from date CONSTRAINT version_header_known_from_not_null NOT NULL,
    natural_key text CONSTRAINT version_header_natural_key_not_null NOT NULL COLLATE pg_catalog."C",
    source_id uuid CONSTRAINT version_header_source_id_not_null NOT NULL,
    page text,
    quote text,
    as_reported text,
    note text,
    metric text NOT NULL,
    period text NOT NULL,
    year integer NOT NULL,
    segment text,
    value numeric,
    qualifier text NOT NULL,
    unit text NOT NULL,
    decimals integer,
    missing_reason text,
    quality_flags text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT indicator_check CHECK (((value IS NULL) <> (missing_reason IS NULL))),
    CONSTRAINT indicator_check1 CHECK (((value IS NULL) = (decimals IS NULL))),
    CONSTRAINT indicator_decimals_check CHECK (((decimals >= 0) AND (decimals <= 60))),
    CONSTRAINT indicator_missing_reason_check CHECK ((missing_reason = ANY (ARRAY['not_disclosed'::text, 'not_applicable'::text, 'not_evaluated'::text, 'not_available'::text, 'withheld'::text, 'ratio_only'::text, 'illegible'::text]))),
    CONSTRAINT indicator_qualifier_check CHECK ((qualifier = ANY (ARRAY['exact'::text, 'about'::text, 'more_than'::text, 'at_least'::text, 'less_than'::text, 'at_most'::text]))),
    CONSTRAINT indicator_value_check CHECK (((value <> 'NaN'::numeric) AND (abs(value) < '10000000000000000000000000000000'::numeric))),
    CONSTRAINT indicator_year_check CHECK (((year >= 1900) AND (year <= 2200))),
    CONSTRAINT version_header_op_check CHECK ((op = ANY (ARRAY['add'::text, 'restate'::text, 'backfill'::text, 'correct'::text, 'withdraw'::text]))),
    CONSTRAINT version_header_version_check CHECK ((version > 0))
);

CREATE FUNCTION public.indicator_file(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer) RETURNS SETOF public.indicator
    LANGUAGE sql STABLE
    AS $$
      (select w.*
         from indicator w
        where not only_current and w.edition <= at_edition
          and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
          and w.source_id not in (select s.source_id from source s where not s.redistributable)
        order by w.company_id, w.disclosure_id, w.version)
      union all
      (select v.*
         from (select distinct on (w.company_id, w.disclosure_id) w.*
                 from indicator w
                where only_current and w.edition <= at_edition
                  and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
                order by w.company_id, w.disclosure_id, w.known_from desc, w.seq desc) v
        where v.op <> 'withdraw'
          and v.source_id not in (select s.source_id from source s where not s.redistributable)
        order by v.company_id, v.disclosure_id)
    $$;

CREATE FUNCTION public.make_file_rows(kind_table text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
begin
  execute format($f$
    create or replace function %2$I(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer)
    returns setof %1$I language sql stable as $q$
      (select w.*
         from %1$I w
        where not only_current and w.edition <= at_edition
          and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
          and w.source_id not in (select s.source_id from source s where not s.redistributable)
        order by w.company_id, w.disclosure_id, w.version)
      union all
      (select v.*
         from (select distinct on (w.company_id, w.disclosure_id) w.*
                 from %1$I w
                where only_current and w.edition <= at_edition
                  and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
                order by w.company_id, w.disclosure_id, w.known_from desc, w.seq desc) v
        where v.op <> 'withdraw'
          and v.source_id not in (select s.source_id from source s where not s.redistributable)
        order by v.company_id, v.disclosure_id)
    $q$
  $f$, kind_table, kind_table || '_file');
end $_$;

CREATE FUNCTION public.merged_into(company text, at_edition integer) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  select case when e.op <> 'withdraw' then e.company_id end
    from identity_event e
   where e.other = company and e.event = 'merged_from' and e.edition <= at_edition
   order by e.seq desc
   limit 1
$$;

CREATE TABLE public.rating (
    seq bigint CONSTRAINT version_header_seq_not_null NOT NULL,
    disclosure_id uuid CONSTRAINT version_header_disclosure_id_not_null NOT NULL,
    version integer CONSTRAINT version_header_version_not_null NOT NULL,
    company_id text CONSTRAINT version_header_company_id_not_null NOT NULL COLLATE pg_catalog."C",
    edition integer CONSTRAINT version_header_edition_not_null NOT NULL,
    op text CONSTRAINT version_header_op_not_null NOT NULL,
    known_from date CONSTRAINT version_header_known_from_not_null NOT NULL,
    natural_key text CONSTRAINT version_header_natural_key_not_null NOT NULL COLLATE pg_catalog."C",
    source_id uuid CONSTRAINT version_header_source_id_not_null NOT NULL,
    page text,
    quote text,
    as_reported text,
    note text,
    scheme text NOT NULL,
    programme text NOT NULL,
    year integer NOT NULL,
    subject text,
    grade text,
    grade_rank integer,
    band text,
    score numeric,
    response_status text,
    consecutive_years integer,
    CONSTRAINT rating_check CHECK ((num_nonnulls(grade, score, response_status) > 0)),
    CONSTRAINT rating_consecutive_years_check CHECK (((consecutive_years >= 1) AND (consecutive_years <= 200))),
    CONSTRAINT rating_grade_rank_check CHECK ((grade_rank > 0)),
    CONSTRAINT rating_score_check CHECK (((score <> 'NaN'::numeric) AND (abs(score) < '10000000000000000000000000000000'::numeric))),
    CONSTRAINT rating_year_check CHECK (((year >= 1900) AND (year <= 2200))),
    CONSTRAINT version_header_op_check CHECK ((op = ANY (ARRAY['add'::text, 'restate'::text, 'backfill'::text, 'correct'::text, 'withdraw'::text]))),
    CONSTRAINT version_header_version_check CHECK ((version > 0))
);

CREATE FUNCTION public.rating_file(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer) RETURNS SETOF public.rating
    LANGUAGE sql STABLE
    AS $$
      (select w.*
         from rating w
        where not only_current and w.edition <= at_edition
          and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
          and w.source_id not in (select s.source_id from source s where not s.redistributable)
        order by w.company_id, w.disclosure_id, w.version)
      union all
      (select v.*
         from (select distinct on (w.company_id, w.disclosure_id) w.*
                 from rating w
                where only_current and w.edition <= at_edition
                  and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
                order by w.company_id, w.disclosure_id, w.known_from desc, w.seq desc) v
        where v.op <> 'withdraw'
          and v.source_id not in (select s.source_id from source s where not s.redistributable)
        order by v.company_id, v.disclosure_id)
    $$;

CREATE FUNCTION public.refuse_rewrite() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '% of % is refused: versions are append-only', lower(tg_op), tg_table_name
    using errcode = 'restrict_violation';
end $$;

CREATE FUNCTION public.register_kind(kind_name text, kind_title text, kind_table text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
begin
  insert into kind (kind, title) values (kind_name, kind_title);
  execute format('alter table %1$I add primary key (seq), add foreign key (seq) references change', kind_table);
  execute format('create index on %I (disclosure_id, known_from desc, seq desc)', kind_table);
  execute format('create index on %I (company_id, natural_key)', kind_table);
  execute format('create trigger refuse_rewrite before update or delete or truncate on %I '
                 'for each statement execute function refuse_rewrite()', kind_table);
  execute format('grant select on %I to almanac_reader, almanac_publisher', kind_table);
  execute format('grant insert on %I to almanac_publisher', kind_table);
  perform add_file_rows(kind_table);
end $_$;

CREATE TABLE public.target (
    seq bigint CONSTRAINT version_header_seq_not_null NOT NULL,
    disclosure_id uuid CONSTRAINT version_header_disclosure_id_not_null NOT NULL,
    version integer CONSTRAINT version_header_version_not_null NOT NULL,
    company_id text CONSTRAINT version_header_company_id_not_null NOT NULL COLLATE pg_catalog."C",
    edition integer CONSTRAINT version_header_edition_not_null NOT NULL,
    op text CONSTRAINT version_header_op_not_null NOT NULL,
    known_from date CONSTRAINT version_header_known_from_not_null NOT NULL,
    natural_key text CONSTRAINT version_header_natural_key_not_null NOT NULL COLLATE pg_catalog."C",
    source_id uuid CONSTRAINT version_header_source_id_not_null NOT NULL,
    page text,
    quote text,
    as_reported text,
    note text,
    scheme text NOT NULL,
    term text NOT NULL,
    reference text NOT NULL,
    target_kind text,
    status text NOT NULL,
    value_pct numeric,
    base_year integer,
    target_year integer,
    year_type text,
    scopes text[] NOT NULL,
    coverage_pct numeric,
    intensity_metric text,
    ambition text,
    wording text,
    validation text,
    published_on text,
    status_reason text,
    CONSTRAINT target_ambition_check CHECK ((ambition = ANY (ARRAY['1.5C'::text, 'well_below_2C'::text, '2C'::text]))),
    CONSTRAINT target_base_year_check CHECK (((base_year >= 1900) AND (base_year <= 2200))),
    CONSTRAINT target_coverage_pct_check CHECK (((coverage_pct <> 'NaN'::numeric) AND (abs(coverage_pct) < '10000000000000000000000000000000'::numeric))),
    CONSTRAINT target_scopes_check CHECK ((scopes <@ ARRAY['1'::text, '2'::text, '3'::text])),
    CONSTRAINT target_status_check CHECK ((status = ANY (ARRAY['targets_set'::text, 'committed'::text, 'removed'::text, 'expired'::text, 'achieved'::text, 'announced'::text]))),
    CONSTRAINT target_target_kind_check CHECK ((target_kind = ANY (ARRAY['absolute'::text, 'intensity'::text, 'net_zero'::text, 'engagement'::text, 'renewable_electricity'::text, 'maintenance'::text, 'no_deforestation'::text, 'other'::text]))),
    CONSTRAINT target_target_year_check CHECK (((target_year >= 1900) AND (target_year <= 2200))),
    CONSTRAINT target_term_check CHECK ((term = ANY (ARRAY['near_term'::text, 'long_term'::text, 'net_zero'::text, 'interim'::text, 'other'::text]))),
    CONSTRAINT target_value_pct_check CHECK (((value_pct <> 'NaN'::numeric) AND (abs(value_pct) < '10000000000000000000000000000000'::numeric))),
    CONSTRAINT target_year_type_check CHECK ((year_type = ANY (ARRAY['calendar'::text, 'financial'::text]))),
    CONSTRAINT version_header_op_check CHECK ((op = ANY (ARRAY['add'::text, 'restate'::text, 'backfill'::text, 'correct'::text, 'withdraw'::text]))),
    CONSTRAINT version_header_version_check CHECK ((version > 0))
);

CREATE FUNCTION public.target_file(at_edition integer, only_current boolean, from_company text, from_id uuid, from_version integer) RETURNS SETOF public.target
    LANGUAGE sql STABLE
    AS $$
      (select w.*
         from target w
        where not only_current and w.edition <= at_edition
          and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
          and w.source_id not in (select s.source_id from source s where not s.redistributable)
        order by w.company_id, w.disclosure_id, w.version)
      union all
      (select v.*
         from (select distinct on (w.company_id, w.disclosure_id) w.*
                 from target w
                where only_current and w.edition <= at_edition
                  and (w.company_id, w.disclosure_id, w.version) >= (from_company, from_id, from_version)
                order by w.company_id, w.disclosure_id, w.known_from desc, w.seq desc) v
        where v.op <> 'withdraw'
          and v.source_id not in (select s.source_id from source s where not s.redistributable)
        order by v.company_id, v.disclosure_id)
    $$;

CREATE TABLE public.api_key (
    key_id text NOT NULL,
    secret_hash bytea NOT NULL,
    label text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_key_check CHECK ((expires_at > created_at)),
    CONSTRAINT api_key_check1 CHECK ((revoked_at >= created_at)),
    CONSTRAINT api_key_key_id_check CHECK ((key_id ~ '^[a-z2-7]{12}$'::text)),
    CONSTRAINT api_key_label_check CHECK (((char_length(label) >= 1) AND (char_length(label) <= 200))),
    CONSTRAINT api_key_role_check CHECK ((role = ANY (ARRAY['reader'::text, 'publisher'::text]))),
    CONSTRAINT api_key_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);

COMMENT ON COLUMN public.api_key.secret_hash IS 'sha256 of the secret. The secret has 256 random bits, so a slow hash would add nothing.';

CREATE TABLE public.company (
    company_id text NOT NULL COLLATE pg_catalog."C",
    num bigint NOT NULL,
    edition integer NOT NULL,
    CONSTRAINT company_company_id_check CHECK ((company_id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text))
);

COMMENT ON COLUMN public.company.num IS 'Order of arrival; the anchor of page cursors.';

CREATE TABLE public.company_class (
    company_id text NOT NULL COLLATE pg_catalog."C",
    scheme text NOT NULL,
    code text NOT NULL,
    edition integer NOT NULL,
    gone integer
);

CREATE TABLE public.company_identifier (
    company_id text NOT NULL COLLATE pg_catalog."C",
    scheme text NOT NULL,
    value text NOT NULL,
    check_ok boolean,
    edition integer NOT NULL,
    gone integer
);

CREATE TABLE public.company_name (
    company_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    folded text NOT NULL,
    edition integer NOT NULL,
    gone integer
);

COMMENT ON TABLE public.company_name IS 'Every name that a company ever had, for search; folded by almanac.names.';

ALTER TABLE public.company ALTER COLUMN num ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.company_num_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.company_record (
    company_id text NOT NULL COLLATE pg_catalog."C",
    edition integer NOT NULL,
    name text NOT NULL,
    country text,
    body bytea NOT NULL,
    CONSTRAINT company_record_country_check CHECK ((country ~ '^[A-Z]{2}$'::text))
);

COMMENT ON TABLE public.company_record IS 'The profile head of a company after an edition that changed it, as served (JSON bytes).';

CREATE TABLE public.edition (
    edition integer NOT NULL,
    published_at timestamp with time zone NOT NULL,
    publisher text NOT NULL,
    note text,
    versions integer NOT NULL,
    last_seq bigint NOT NULL,
    known_to date,
    last_statement bigint,
    CONSTRAINT edition_edition_check CHECK ((edition > 0)),
    CONSTRAINT edition_last_seq_check CHECK ((last_seq >= 0)),
    CONSTRAINT edition_versions_check CHECK ((versions >= 0))
);

COMMENT ON TABLE public.edition IS 'One publish. Dense; the primary axis of time. last_seq and known_to hold for the corpus after it.';

COMMENT ON COLUMN public.edition.last_statement IS 'The newest statement when the edition was closed; null where that was not recorded.';

CREATE TABLE public.edition_state (
    edition integer NOT NULL,
    sum bytea NOT NULL,
    CONSTRAINT edition_state_sum_check CHECK ((octet_length(sum) = 512))
);

COMMENT ON TABLE public.edition_state IS 'Sum modulo 2^4096 over the live answers of an edition of SHAKE128(SHA-256(body)), 512 bytes each, big-endian.';

CREATE TABLE public.export (
    export_id uuid DEFAULT gen_random_uuid() NOT NULL,
    job_id bytea NOT NULL,
    caller_hash bytea NOT NULL,
    key_hash bytea,
    body_hash bytea NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT export_body_hash_check CHECK ((octet_length(body_hash) = 32)),
    CONSTRAINT export_caller_hash_check CHECK ((octet_length(caller_hash) = 32)),
    CONSTRAINT export_check CHECK ((expires_at > received_at)),
    CONSTRAINT export_key_hash_check CHECK ((octet_length(key_hash) = 32))
);

COMMENT ON COLUMN public.export.key_hash IS 'sha256 of the caller and its Idempotency-Key.';

CREATE TABLE public.export_job (
    job_id bytea NOT NULL,
    wanted bytea NOT NULL,
    status text NOT NULL,
    queued_at timestamp with time zone DEFAULT now() NOT NULL,
    worker uuid,
    lease_until timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    rows_total bigint,
    rows_done bigint DEFAULT 0 NOT NULL,
    finished_at timestamp with time zone,
    reason text,
    name text,
    sha256 bytea,
    size_bytes bigint,
    rows bigint,
    withheld bigint,
    citation text,
    CONSTRAINT export_job_check CHECK (((status = 'running'::text) = (worker IS NOT NULL))),
    CONSTRAINT export_job_check1 CHECK (((status = 'running'::text) = (lease_until IS NOT NULL))),
    CONSTRAINT export_job_check2 CHECK (((status = ANY (ARRAY['done'::text, 'failed'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT export_job_check3 CHECK (((status = 'failed'::text) = (reason IS NOT NULL))),
    CONSTRAINT export_job_check4 CHECK (
CASE
    WHEN (status = 'done'::text) THEN (num_nulls(name, sha256, size_bytes, rows, withheld, citation) = 0)
    ELSE (num_nonnulls(name, sha256, size_bytes, rows, withheld, citation) = 0)
END),
    CONSTRAINT export_job_job_id_check CHECK ((octet_length(job_id) = 32)),
    CONSTRAINT export_job_rows_check CHECK ((rows >= 0)),
    CONSTRAINT export_job_rows_done_check CHECK ((rows_done >= 0)),
    CONSTRAINT export_job_rows_total_check CHECK ((rows_total >= 0)),
    CONSTRAINT export_job_sha256_check CHECK ((octet_length(sha256) = 32)),
    CONSTRAINT export_job_size_bytes_check CHECK ((size_bytes >= 0)),
    CONSTRAINT export_job_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'dropped'::text]))),
    CONSTRAINT export_job_withheld_check CHECK ((withheld >= 0))
);

COMMENT ON COLUMN public.export_job.job_id IS 'sha256 of what decides the bytes of the file: list, filters, edition, date, format.';

COMMENT ON COLUMN public.export_job.status IS 'dropped: nobody wants it any more, and its file is gone or was never made.';

CREATE TABLE public.kind (
    kind text NOT NULL,
    title text NOT NULL
);

CREATE VIEW public.merged AS
 WITH RECURSIVE step(company_id, into_id) AS (
         SELECT DISTINCT e.other,
            public.merged_into(e.other, 2147483647) AS merged_into
           FROM public.identity_event e
          WHERE (e.event = 'merged_from'::text)
        ), chain(company_id, into_id) AS (
         SELECT s.company_id,
            s.into_id
           FROM step s
          WHERE (s.into_id IS NOT NULL)
        UNION ALL
         SELECT c_1.company_id,
            s.into_id
           FROM (chain c_1
             JOIN step s ON ((s.company_id = c_1.into_id)))
          WHERE (s.into_id IS NOT NULL)
        )
 SELECT company_id,
    into_id
   FROM chain c
  WHERE (NOT (EXISTS ( SELECT
           FROM step s
          WHERE ((s.company_id = c.into_id) AND (s.into_id IS NOT NULL)))));

CREATE TABLE public.metric (
    code text NOT NULL,
    label text NOT NULL,
    unit text NOT NULL,
    topic text NOT NULL,
    scope text,
    scope2_method text,
    s3_category integer,
    period_type text NOT NULL,
    good_when text,
    esrs text,
    ifrs text,
    notes text,
    CONSTRAINT metric_code_check CHECK ((code ~ '^[a-z0-9_]+(\.[a-z0-9_]+)*$'::text)),
    CONSTRAINT metric_good_when_check CHECK ((good_when = ANY (ARRAY['lower'::text, 'higher'::text]))),
    CONSTRAINT metric_period_type_check CHECK ((period_type = ANY (ARRAY['duration'::text, 'instant'::text]))),
    CONSTRAINT metric_s3_category_check CHECK (((s3_category >= 1) AND (s3_category <= 16))),
    CONSTRAINT metric_scope2_method_check CHECK ((scope2_method = ANY (ARRAY['location'::text, 'market'::text, 'unspecified'::text])))
);

CREATE TABLE public.raw_row (
    source_id uuid NOT NULL,
    sheet text NOT NULL,
    "row" integer NOT NULL,
    hash bytea NOT NULL,
    company_id text COLLATE pg_catalog."C",
    cells bytea NOT NULL,
    CONSTRAINT raw_row_hash_check CHECK ((octet_length(hash) = 16)),
    CONSTRAINT raw_row_row_check CHECK (("row" > 0))
);

COMMENT ON TABLE public.raw_row IS 'One row of a source as read (JSON bytes). hash tells two readings of one place apart.';

CREATE TABLE public.schema_migration (
    version integer NOT NULL,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    duration_ms integer NOT NULL
);

CREATE TABLE public.sighting (
    sighting_id bigint NOT NULL,
    register text NOT NULL,
    name text NOT NULL,
    number text,
    country text,
    lei text,
    isin text,
    sector text,
    company_id text NOT NULL COLLATE pg_catalog."C",
    seen_on date NOT NULL
);

COMMENT ON TABLE public.sighting IS 'What a document published on seen_on says of who a company is, and the company it was settled to; of several the newest row holds.';

ALTER TABLE public.sighting ALTER COLUMN sighting_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sighting_sighting_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.source (
    source_id uuid NOT NULL,
    type text NOT NULL,
    title text NOT NULL,
    publisher text NOT NULL,
    published_on date NOT NULL,
    published_precision text NOT NULL,
    url text,
    sha256 text,
    language text NOT NULL,
    licence text NOT NULL,
    redistributable boolean NOT NULL,
    retrieved_on date,
    series text,
    CONSTRAINT source_published_precision_check CHECK ((published_precision = ANY (ARRAY['day'::text, 'month'::text, 'year'::text]))),
    CONSTRAINT source_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

COMMENT ON TABLE public.source IS 'A document. Its id is made from its content, so a row never changes.';

COMMENT ON COLUMN public.source.series IS 'Complete register that the document is one release of; null if it is none.';

CREATE TABLE public.statement (
    statement_id bigint NOT NULL,
    disclosure_id uuid NOT NULL,
    source_id uuid NOT NULL,
    known_from date NOT NULL,
    answer_hash bytea NOT NULL,
    content_hash bytea NOT NULL,
    seq bigint NOT NULL,
    sheet text,
    "row" integer,
    raw_hash bytea,
    edition integer,
    CONSTRAINT statement_answer_hash_check CHECK ((octet_length(answer_hash) = 16)),
    CONSTRAINT statement_content_hash_check CHECK ((octet_length(content_hash) = 16))
);

COMMENT ON TABLE public.statement IS 'What each source said to each disclosure, also where it only confirmed a version (seq): what later loading is judged by.';

COMMENT ON COLUMN public.statement.raw_hash IS 'With source, sheet and row the raw row that the statement was read from; null if none was kept.';

ALTER TABLE public.statement ALTER COLUMN statement_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.statement_statement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.submission (
    submission_id uuid DEFAULT gen_random_uuid() NOT NULL,
    key_id text NOT NULL,
    idempotency_key text NOT NULL,
    payload_hash bytea NOT NULL,
    dry_run boolean NOT NULL,
    status text NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    edition integer,
    answer bytea,
    CONSTRAINT submission_check CHECK (((status = 'running'::text) = (finished_at IS NULL))),
    CONSTRAINT submission_check1 CHECK (((status = 'running'::text) = (answer IS NULL))),
    CONSTRAINT submission_check2 CHECK (((status = 'published'::text) = (edition IS NOT NULL))),
    CONSTRAINT submission_idempotency_key_check CHECK (((char_length(idempotency_key) >= 1) AND (char_length(idempotency_key) <= 200))),
    CONSTRAINT submission_payload_hash_check CHECK ((octet_length(payload_hash) = 32)),
    CONSTRAINT submission_status_check CHECK ((status = ANY (ARRAY['running'::text, 'published'::text, 'unchanged'::text, 'checked'::text, 'rejected'::text])))
);

COMMENT ON TABLE public.submission IS 'While a batch is at work its publisher holds an advisory lock; a running row without one was interrupted.';

CREATE TABLE public.version_header (
    seq bigint NOT NULL,
    disclosure_id uuid NOT NULL,
    version integer NOT NULL,
    company_id text NOT NULL COLLATE pg_catalog."C",
    edition integer NOT NULL,
    op text NOT NULL,
    known_from date NOT NULL,
    natural_key text NOT NULL COLLATE pg_catalog."C",
    source_id uuid NOT NULL,
    page text,
    quote text,
    as_reported text,
    note text,
    CONSTRAINT version_header_op_check CHECK ((op = ANY (ARRAY['add'::text, 'restate'::text, 'backfill'::text, 'correct'::text, 'withdraw'::text]))),
    CONSTRAINT version_header_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (key_id);

ALTER TABLE ONLY public.award
    ADD CONSTRAINT award_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.certification
    ADD CONSTRAINT certification_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_disclosure_id_version_key UNIQUE (disclosure_id, version);

ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.claimed_change
    ADD CONSTRAINT claimed_change_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.commitment
    ADD CONSTRAINT commitment_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.company_class
    ADD CONSTRAINT company_class_pkey PRIMARY KEY (company_id, scheme, code, edition);

ALTER TABLE ONLY public.company_identifier
    ADD CONSTRAINT company_identifier_pkey PRIMARY KEY (company_id, scheme, value, edition);

ALTER TABLE ONLY public.company_name
    ADD CONSTRAINT company_name_pkey PRIMARY KEY (company_id, name, edition);

ALTER TABLE ONLY public.company
    ADD CONSTRAINT company_num_key UNIQUE (num);

ALTER TABLE ONLY public.company
    ADD CONSTRAINT company_pkey PRIMARY KEY (company_id);

ALTER TABLE ONLY public.company_record
    ADD CONSTRAINT company_record_pkey PRIMARY KEY (company_id, edition);

ALTER TABLE ONLY public.edition
    ADD CONSTRAINT edition_pkey PRIMARY KEY (edition);

ALTER TABLE ONLY public.edition
    ADD CONSTRAINT edition_published_at_key UNIQUE (published_at);

ALTER TABLE ONLY public.edition_state
    ADD CONSTRAINT edition_state_pkey PRIMARY KEY (edition);

ALTER TABLE ONLY public.emission
    ADD CONSTRAINT emission_pkey PRIMARY KEY (seq);

ALTER TABLE public.emission
    ADD CONSTRAINT emission_quality_flags_check CHECK ((quality_flags <@ ARRAY['over_1_gt'::text, 'jump_1000'::text])) NOT VALID;

ALTER TABLE ONLY public.export_job
    ADD CONSTRAINT export_job_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY public.export
    ADD CONSTRAINT export_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY public.export
    ADD CONSTRAINT export_pkey PRIMARY KEY (export_id);

ALTER TABLE ONLY public.identity_event
    ADD CONSTRAINT identity_event_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.indicator
    ADD CONSTRAINT indicator_pkey PRIMARY KEY (seq);

ALTER TABLE public.indicator
    ADD CONSTRAINT indicator_quality_flags_check CHECK ((quality_flags <@ ARRAY['over_1_gt'::text, 'jump_1000'::text])) NOT VALID;

ALTER TABLE ONLY public.kind
    ADD CONSTRAINT kind_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY public.metric
    ADD CONSTRAINT metric_pkey PRIMARY KEY (code);

ALTER TABLE public.rating
    ADD CONSTRAINT rating_check1 CHECK (((scheme <> 'cdp'::text) OR (grade = ANY (ARRAY['A'::text, 'A-'::text, 'B'::text, 'B-'::text, 'C'::text, 'C-'::text, 'D'::text, 'D-'::text, 'E'::text, 'F'::text])))) NOT VALID;

ALTER TABLE public.rating
    ADD CONSTRAINT rating_check2 CHECK (((scheme <> 'cdp'::text) OR (grade <> 'E'::text) OR (year <= 2015))) NOT VALID;

ALTER TABLE ONLY public.rating
    ADD CONSTRAINT rating_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.raw_row
    ADD CONSTRAINT raw_row_pkey PRIMARY KEY (source_id, sheet, "row", hash);

ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.sighting
    ADD CONSTRAINT sighting_pkey PRIMARY KEY (sighting_id);

ALTER TABLE ONLY public.sighting
    ADD CONSTRAINT sighting_register_name_number_country_lei_isin_sector_compa_key UNIQUE NULLS NOT DISTINCT (register, name, number, country, lei, isin, sector, company_id, seen_on);

ALTER TABLE ONLY public.source
    ADD CONSTRAINT source_pkey PRIMARY KEY (source_id);

ALTER TABLE ONLY public.statement
    ADD CONSTRAINT statement_pkey PRIMARY KEY (statement_id);

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_key_id_idempotency_key_key UNIQUE (key_id, idempotency_key);

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_pkey PRIMARY KEY (submission_id);

ALTER TABLE ONLY public.target
    ADD CONSTRAINT target_pkey PRIMARY KEY (seq);

CREATE UNIQUE INDEX award_company_id_disclosure_id_version_idx ON public.award USING btree (company_id, disclosure_id, version);

CREATE INDEX award_company_id_natural_key_idx ON public.award USING btree (company_id, natural_key);

CREATE INDEX award_disclosure_id_known_from_seq_idx ON public.award USING btree (disclosure_id, known_from DESC, seq DESC);

CREATE INDEX award_year ON public.award USING btree (year, company_id, natural_key);

CREATE UNIQUE INDEX certification_company_id_disclosure_id_version_idx ON public.certification USING btree (company_id, disclosure_id, version);

CREATE INDEX certification_company_id_natural_key_idx ON public.certification USING btree (company_id, natural_key);

CREATE INDEX certification_disclosure_id_known_from_seq_idx ON public.certification USING btree (disclosure_id, known_from DESC, seq DESC);

CREATE INDEX certification_standard ON public.certification USING btree (standard, company_id, natural_key);

CREATE INDEX change_answer ON public.change USING btree (disclosure_id, known_from DESC, seq DESC);

CREATE INDEX change_company ON public.change USING btree (company_id, kind, natural_key, known_from DESC, seq DESC);

CREATE INDEX change_company_seq ON public.change USING btree (company_id, seq DESC);

CREATE INDEX change_edition ON public.change USING btree (edition);

CREATE INDEX change_file ON public.change USING btree (kind, company_id, disclosure_id, version) INCLUDE (edition, source_id);

CREATE INDEX change_kind ON public.change USING btree (kind, seq);

CREATE INDEX change_op ON public.change USING btree (op, seq) WHERE (op <> 'add'::text);

CREATE INDEX change_source ON public.change USING btree (source_id, edition);

CREATE UNIQUE INDEX claimed_change_company_id_disclosure_id_version_idx ON public.claimed_change USING btree (company_id, disclosure_id, version);

CREATE INDEX claimed_change_company_id_natural_key_idx ON public.claimed_change USING btree (company_id, natural_key);

CREATE INDEX claimed_change_disclosure_id_known_from_seq_idx ON public.claimed_change USING btree (disclosure_id, known_from DESC, seq DESC);

CREATE INDEX claimed_change_metric ON public.claimed_change USING btree (metric, year, company_id, natural_key);

CREATE UNIQUE INDEX commitment_company_id_disclosure_id_version_idx ON public.commitment USING btree (company_id, disclosure_id, version);

CREATE INDEX commitment_company_id_natural_key_idx ON public.commitment USING btree (company_id, natural_key);

CREATE INDEX commitment_disclosure_id_known_from_seq_idx ON public.commitment USING btree (disclosure_id, known_from DESC, seq DESC);

CREATE INDEX commitment_status ON public.commitment USING btree (scheme, type, status, company_id, natural_key);

CREATE INDEX company_identifier_value ON public.company_identifier USING btree (scheme, value);

CREATE INDEX company_name_folded_trgm ON public.company_name USING gin (folded public.gin_trgm_ops);

CREATE INDEX company_record_edition ON public.company_record USING btree (edition);

CREATE UNIQUE INDEX emission_company_id_disclosure_id_version_idx ON public.emission USING btree (company_id, disclosure_id, version);

CREATE INDEX emission_company_id_natural_key_idx ON public.emission USING btree (company_id, natural_key);

CREATE INDEX emission_disclosure_id_known_from_seq_idx ON public.emission USING btree (disclosure_id, known_from DESC, seq DESC);

CREATE INDEX emission_metric ON public.emission USING btree (metric, year, company_id, natural_key);

CREATE INDEX emission_year ON public.emission USING btree (year, company_id, natural_key);

CREATE INDEX export_job_to_do ON public.export_job USING btree (queued_at) WHERE (status = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX export_of_caller ON public.export USING btree (caller_hash);

CREATE INDEX export_of_job ON public.export USING btree (job_id);

CREATE UNIQUE INDEX identity_event_company_id_disclosure_id_version_idx ON public.identity_event USING btree (company_id, disclosure_id, version);

CREATE INDEX identity_event_company_id_natural_key_idx ON public.identity_event USING btree (company_id, natural_key);

CREATE INDEX identity_event_disclosure_id_known_from_seq_idx ON public.identity_event USING btree (disclosure_id, known_from DESC, seq DESC);

CREATE INDEX identity_event_merged ON public.identity_event USING btree (other, seq DESC) WHERE (event = 'merged_from'::text);

CREATE UNIQUE INDEX indicator_company_id_disclosure_id_version_idx ON public.indicator USING btree (company_id, disclosure_id, version);

CREATE INDEX indicator_company_id_natural_key_idx ON public.indicator USING btree (company_id, natural_key);

CREATE INDEX indicator_disclosure_id_known_from_seq_idx ON public.indicator USING btree (disclosure_id, known_from DESC, seq DESC);

CREATE INDEX indicator_metric ON public.indicator USING btree (metric, year, company_id, natural_key);

CREATE UNIQUE INDEX rating_company_id_disclosure_id_version_idx ON public.rating USING btree (company_id, disclosure_id, version);

CREATE INDEX rating_company_id_natural_key_idx ON public.rating USING btree (company_id, natural_key);

CREATE INDEX rating_disclosure_id_known_from_seq_idx ON public.rating USING btree (disclosure_id, known_from DESC, seq DESC);

CREATE INDEX rating_scheme ON public.rating USING btree (scheme, programme, year, company_id, natural_key);

CREATE INDEX raw_row_company ON public.raw_row USING btree (company_id, source_id);

CREATE INDEX statement_disclosure ON public.statement USING btree (disclosure_id, statement_id);

CREATE INDEX statement_seq ON public.statement USING btree (seq);

CREATE INDEX statement_source ON public.statement USING btree (source_id, statement_id);

CREATE UNIQUE INDEX target_company_id_disclosure_id_version_idx ON public.target USING btree (company_id, disclosure_id, version);

CREATE INDEX target_company_id_natural_key_idx ON public.target USING btree (company_id, natural_key);

CREATE INDEX target_disclosure_id_known_from_seq_idx ON public.target USING btree (disclosure_id, known_from DESC, seq DESC);

CREATE INDEX target_status ON public.target USING btree (scheme, term, status, company_id, natural_key);

CREATE TRIGGER refuse_change BEFORE UPDATE ON public.raw_row FOR EACH ROW WHEN ((((((new.source_id IS DISTINCT FROM old.source_id) OR (new.sheet IS DISTINCT FROM old.sheet)) OR (new."row" IS DISTINCT FROM old."row")) OR (new.hash IS DISTINCT FROM old.hash)) OR (new.cells IS DISTINCT FROM old.cells))) EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.award FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.certification FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.change FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.claimed_change FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.commitment FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.company_record FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.edition FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.edition_state FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.emission FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.identity_event FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.indicator FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.rating FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR TRUNCATE ON public.raw_row FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.sighting FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.source FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.statement FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

CREATE TRIGGER refuse_rewrite BEFORE DELETE OR UPDATE OR TRUNCATE ON public.target FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewrite();

ALTER TABLE ONLY public.award
    ADD CONSTRAINT award_seq_fkey FOREIGN KEY (seq) REFERENCES public.change(seq);

ALTER TABLE ONLY public.certification
    ADD CONSTRAINT certification_seq_fkey FOREIGN KEY (seq) REFERENCES public.change(seq);

ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.company(company_id);

ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_edition_fkey FOREIGN KEY (edition) REFERENCES public.edition(edition) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_kind_fkey FOREIGN KEY (kind) REFERENCES public.kind(kind);

ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_source_id_fkey FOREIGN KEY (source_id) REFERENCES public.source(source_id);

ALTER TABLE ONLY public.claimed_change
    ADD CONSTRAINT claimed_change_metric_fkey FOREIGN KEY (metric) REFERENCES public.metric(code);

ALTER TABLE ONLY public.claimed_change
    ADD CONSTRAINT claimed_change_seq_fkey FOREIGN KEY (seq) REFERENCES public.change(seq);

ALTER TABLE ONLY public.commitment
    ADD CONSTRAINT commitment_seq_fkey FOREIGN KEY (seq) REFERENCES public.change(seq);

ALTER TABLE ONLY public.company_class
    ADD CONSTRAINT company_class_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.company(company_id);

ALTER TABLE ONLY public.company_class
    ADD CONSTRAINT company_class_edition_fkey FOREIGN KEY (edition) REFERENCES public.edition(edition) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.company
    ADD CONSTRAINT company_edition_fkey FOREIGN KEY (edition) REFERENCES public.edition(edition) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.company_identifier
    ADD CONSTRAINT company_identifier_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.company(company_id);

ALTER TABLE ONLY public.company_identifier
    ADD CONSTRAINT company_identifier_edition_fkey FOREIGN KEY (edition) REFERENCES public.edition(edition) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.company_name
    ADD CONSTRAINT company_name_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.company(company_id);

ALTER TABLE ONLY public.company_name
    ADD CONSTRAINT company_name_edition_fkey FOREIGN KEY (edition) REFERENCES public.edition(edition) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.company_record
    ADD CONSTRAINT company_record_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.company(company_id);

ALTER TABLE ONLY public.company_record
    ADD CONSTRAINT company_record_edition_fkey FOREIGN KEY (edition) REFERENCES public.edition(edition) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.edition_state
    ADD CONSTRAINT edition_state_edition_fkey FOREIGN KEY (edition) REFERENCES public.edition(edition) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.emission
    ADD CONSTRAINT emission_metric_fkey FOREIGN KEY (metric) REFERENCES public.metric(code);

ALTER TABLE ONLY public.emission
    ADD CONSTRAINT emission_seq_fkey FOREIGN KEY (seq) REFERENCES public.change(seq);

ALTER TABLE ONLY public.export
    ADD CONSTRAINT export_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.export_job(job_id);

ALTER TABLE ONLY public.identity_event
    ADD CONSTRAINT identity_event_other_fkey FOREIGN KEY (other) REFERENCES public.company(company_id);

ALTER TABLE ONLY public.identity_event
    ADD CONSTRAINT identity_event_seq_fkey FOREIGN KEY (seq) REFERENCES public.change(seq);

ALTER TABLE ONLY public.indicator
    ADD CONSTRAINT indicator_metric_fkey FOREIGN KEY (metric) REFERENCES public.metric(code);

ALTER TABLE ONLY public.indicator
    ADD CONSTRAINT indicator_seq_fkey FOREIGN KEY (seq) REFERENCES public.change(seq);

ALTER TABLE ONLY public.rating
    ADD CONSTRAINT rating_seq_fkey FOREIGN KEY (seq) REFERENCES public.change(seq);

ALTER TABLE ONLY public.raw_row
    ADD CONSTRAINT raw_row_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.company(company_id);

ALTER TABLE ONLY public.raw_row
    ADD CONSTRAINT raw_row_source_id_fkey FOREIGN KEY (source_id) REFERENCES public.source(source_id);

ALTER TABLE ONLY public.sighting
    ADD CONSTRAINT sighting_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.company(company_id);

ALTER TABLE ONLY public.statement
    ADD CONSTRAINT statement_seq_fkey FOREIGN KEY (seq) REFERENCES public.change(seq);

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_edition_fkey FOREIGN KEY (edition) REFERENCES public.edition(edition);

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_key_id_fkey FOREIGN KEY (key_id) REFERENCES public.api_key(key_id);

ALTER TABLE ONLY public.target
    ADD CONSTRAINT target_seq_fkey FOREIGN KEY (seq) REFERENCES public.change(seq);

GRANT USAGE ON SCHEMA public TO almanac_reader;
GRANT USAGE ON SCHEMA public TO almanac_publisher;
GRANT USAGE ON SCHEMA public TO almanac_exporter;

GRANT SELECT ON TABLE public.award TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.award TO almanac_publisher;

GRANT SELECT ON TABLE public.certification TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.certification TO almanac_publisher;

GRANT SELECT ON TABLE public.change TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.change TO almanac_publisher;

GRANT SELECT ON TABLE public.claimed_change TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.claimed_change TO almanac_publisher;

GRANT SELECT ON TABLE public.commitment TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.commitment TO almanac_publisher;

GRANT SELECT ON TABLE public.emission TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.emission TO almanac_publisher;

GRANT SELECT ON TABLE public.identity_event TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.identity_event TO almanac_publisher;

GRANT SELECT ON TABLE public.indicator TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.indicator TO almanac_publisher;

GRANT SELECT ON TABLE public.rating TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.rating TO almanac_publisher;

GRANT SELECT ON TABLE public.target TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.target TO almanac_publisher;

GRANT SELECT ON TABLE public.api_key TO almanac_reader;
GRANT SELECT ON TABLE public.api_key TO almanac_publisher;

GRANT SELECT ON TABLE public.company TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.company TO almanac_publisher;

GRANT SELECT ON TABLE public.company_class TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.company_class TO almanac_publisher;

GRANT UPDATE(gone) ON TABLE public.company_class TO almanac_publisher;

GRANT SELECT ON TABLE public.company_identifier TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.company_identifier TO almanac_publisher;

GRANT UPDATE(gone) ON TABLE public.company_identifier TO almanac_publisher;

GRANT SELECT ON TABLE public.company_name TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.company_name TO almanac_publisher;

GRANT UPDATE(gone) ON TABLE public.company_name TO almanac_publisher;

GRANT SELECT ON TABLE public.company_record TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.company_record TO almanac_publisher;

GRANT SELECT ON TABLE public.edition TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.edition TO almanac_publisher;

GRANT SELECT ON TABLE public.edition_state TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.edition_state TO almanac_publisher;

GRANT SELECT,INSERT,DELETE ON TABLE public.export TO almanac_exporter;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.export_job TO almanac_exporter;

GRANT SELECT ON TABLE public.kind TO almanac_reader;
GRANT SELECT ON TABLE public.kind TO almanac_publisher;

GRANT SELECT ON TABLE public.merged TO almanac_reader;
GRANT SELECT ON TABLE public.merged TO almanac_publisher;

GRANT SELECT ON TABLE public.metric TO almanac_reader;
GRANT SELECT ON TABLE public.metric TO almanac_publisher;

GRANT SELECT ON TABLE public.raw_row TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.raw_row TO almanac_publisher;

GRANT UPDATE(company_id) ON TABLE public.raw_row TO almanac_publisher;

GRANT SELECT ON TABLE public.sighting TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.sighting TO almanac_publisher;

GRANT SELECT ON TABLE public.source TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.source TO almanac_publisher;

GRANT SELECT ON TABLE public.statement TO almanac_reader;
GRANT SELECT,INSERT ON TABLE public.statement TO almanac_publisher;

GRANT SELECT,INSERT ON TABLE public.submission TO almanac_publisher;

GRANT UPDATE(status) ON TABLE public.submission TO almanac_publisher;

GRANT UPDATE(received_at) ON TABLE public.submission TO almanac_publisher;

GRANT UPDATE(finished_at) ON TABLE public.submission TO almanac_publisher;

GRANT UPDATE(edition) ON TABLE public.submission TO almanac_publisher;

GRANT UPDATE(answer) ON TABLE public.submission TO almanac_publisher;
