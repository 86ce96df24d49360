"""A database with many rows: companies times metrics times years, as publishing leaves them, made by PostgreSQL itself."""

COMPANIES, METRICS, YEARS = 1000, ("ghg.scope1", "ghg.scope2.lb", "ghg.scope2.mb", "ghg.scope3"), range(2018, 2023)

FILL = (
    """
    insert into edition (edition, published_at, publisher, versions, last_seq, known_to)
    values (1, now(), 'tests', 20000, 20000, '2023-05-01')
    """,
    """
    insert into source (source_id, type, title, publisher, published_on, published_precision, language, licence, redistributable)
    values ('00000000-0000-8000-8000-000000000000', 'other', 't', 'p', '2023-05-01', 'day', 'en', 'l', true)
    """,
    """
    insert into company (company_id, edition) select 'c-' || lpad(n::text, 4, '0'), 1 from generate_series(1, 1000) n
    """,
    """
    insert into company_record (company_id, edition, name, body) select company_id, 1, company_id, '{}' from company
    """,
    """
    create temporary table made as
    select row_number() over (order by md5(c.company_id || m || y)) as seq, gen_random_uuid() as disclosure_id, c.company_id,
           m as metric, y as year, m || '|' || y || '||||' as natural_key
      from company c, unnest(array['ghg.scope1', 'ghg.scope2.lb', 'ghg.scope2.mb', 'ghg.scope3']) m, generate_series(2018, 2022) y
    """,
    """
    insert into change
    select seq, 1, 'emissions', disclosure_id, 1, 'add', company_id, '2023-05-01', natural_key,
           '00000000-0000-8000-8000-000000000000', substr(sha256(natural_key::bytea), 1, 16), '{}', repeat('x', 700)::bytea
      from made
    """,
    """
    insert into emission (seq, disclosure_id, version, company_id, edition, op, known_from, natural_key, source_id, metric,
                          period, year, value, qualifier, unit, decimals, basis)
    select seq, disclosure_id, 1, company_id, 1, 'add', '2023-05-01', natural_key, '00000000-0000-8000-8000-000000000000', metric,
           year::text, year, seq, 'exact', 'tCO2e', 0, 'reported'
      from made
    """,
    "analyze",
)
