"""Others' programs open the files where they are: DuckDB over HTTP from a live server; polars, pandas and the like."""

import gzip
import json
import os
import subprocess
import sys
from collections import defaultdict
from decimal import Context, Decimal, localcontext
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from tests.bulk.conftest import Published
from tests.client import Client

SCOPE1 = "ghg.scope1"


def files(snapshots: Path, ending: str) -> list[Path]:
    """Parts of the emissions that hold, in the newest snapshot."""
    newest = json.loads((snapshots / "latest.json").read_bytes())["edition"]
    return sorted((snapshots / f"snapshots/{newest}").glob(f"emissions-current-*.{ending}"))


def by_year(snapshots: Path) -> dict[int, Decimal]:
    """Total scope 1 by year, added up from the lines."""
    totals: dict[int, Decimal] = defaultdict(Decimal)
    exact = Context(prec=60)
    for file in files(snapshots, "ndjson.gz"):
        for line in gzip.decompress(file.read_bytes()).splitlines():
            row = json.loads(line, parse_float=Decimal, parse_int=Decimal)
            if row["metric"] == SCOPE1 and row["value"] is not None:
                totals[int(row["year"])] = exact.add(totals[int(row["year"])], row["value"])
    assert len(totals) > 3
    return dict(totals)


def test_duckdb_totals_scope_1_by_year_over_http(api: Client, snapshots: Path, remote: duckdb.DuckDBPyConnection):
    urls = [f"{api.base}/v1/bulk/{file.relative_to(snapshots)}" for file in files(snapshots, "parquet")]
    query = "select year, sum(value) from read_parquet($1) where metric = $2 and value is not null group by year"
    assert dict(remote.execute(query, (urls, SCOPE1)).fetchall()) == by_year(snapshots)


def test_duckdb_finds_the_files_by_the_pointer_and_the_manifest(
    api: Client, snapshots: Path, remote: duckdb.DuckDBPyConnection
):
    """From `latest.json` to an answer in SQL alone."""
    (place,) = remote.execute(f"select manifest from read_json('{api.base}/v1/bulk/latest.json')").fetchone()
    manifest = f"{api.base}/v1/bulk/{place}"
    found = remote.execute(
        "select r.path, r.bytes from (select unnest(resources) as r from read_json(?)) where r.\"table\" = 'emissions' "
        "and r.form = 'current' and r.mediatype = 'application/vnd.apache.parquet'",
        (manifest,),
    ).fetchall()
    assert [path for path, _ in found] == [file.name for file in files(snapshots, "parquet")]


def test_duckdb_reads_of_a_file_what_it_needs(api: Client, snapshots: Path, remote: duckdb.DuckDBPyConnection):
    """A Range for the end of the file, and for the columns asked for: not the file."""
    (file,) = files(snapshots, "parquet")
    remote.execute("call enable_logging('HTTP')")
    url = f"{api.base}/v1/bulk/{file.relative_to(snapshots)}"
    remote.execute("select min(year) from read_parquet($1)", (url,)).fetchall()
    asked = remote.execute("select request.headers['Range'] from duckdb_logs_parsed('HTTP')").fetchall()
    spans = [text.removeprefix("bytes=").split("-") for (text,) in asked if text]
    assert spans
    assert sum(int(end) - int(start) + 1 for start, end in spans) < file.stat().st_size


def test_polars_and_pandas_open_parquet_and_csv(snapshots: Path):
    wanted = by_year(snapshots)
    (parquet,), (flat,) = files(snapshots, "parquet"), files(snapshots, "csv.gz")
    columns = pq.read_schema(parquet).names
    held = pl.read_parquet(parquet)
    assert (held.columns, held.schema["value"]) == (columns, pl.Decimal(38, 12))
    totals = (
        held.filter(pl.col("metric") == SCOPE1, pl.col("value").is_not_null()).group_by("year").agg(pl.sum("value"))
    )
    assert dict(totals.iter_rows()) == wanted
    text = pl.read_csv(flat, infer_schema=False)
    assert (text.columns, text.height) == ([one for one in columns if not one.endswith("_exact")], held.height)
    frame = pd.read_parquet(parquet)
    assert list(frame.columns) == columns
    chosen = frame[(frame["metric"] == SCOPE1) & frame["value"].notna()]
    with localcontext(Context(prec=60)):  # pandas adds what Python calls decimals
        assert {int(year): total for year, total in chosen.groupby("year")["value"].sum().items()} == wanted
    plain = pd.read_csv(flat, dtype=str)
    assert (list(plain.columns), len(plain)) == (text.columns, text.height)


@pytest.mark.slow
@pytest.mark.parametrize("sort", ["snapshots", "deltas"])
def test_frictionless_validates(published: Published, sort: str):
    name = {"snapshots": str(published.newest), "deltas": f"{published.first}-{published.newest}"}[sort]
    folder = published.folder.root / sort / name
    line = [sys.executable, "-m", "frictionless", "validate", "datapackage.json"]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
