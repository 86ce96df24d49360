"""TPI and the reference files: the traps of their files on small ones, and the real files, read twice."""

import datetime as dt
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from almanac.importers import reference, tpi
from almanac.importers.identity import Index
from almanac.importers.registry import IMPORTERS, Options, find, run
from almanac.store.db import PUBLISHER, connect
from tests.conftest import SHARED
from tests.importers.numbers import table

DAY = dt.date(2025, 3, 8)
_LEI = "549300W9JLPW15XIFM52"
FILES: dict[str, tuple[ModuleType, str, int]] = {
    "tpi/lse_CP_Assessments_08032025.csv": (tpi, "2025-03-08", 2214),
    "tpi/lse_Company_Latest_Assessments_5.0.csv": (tpi, "2024-12-01", 2060),
    "tpi/lse_Sector_Benchmarks_08032025.csv": (tpi, "2025-03-08", 176),
    "tpi/lse_User_guide_TPI_files.xlsx": (tpi, "2024-02-12", 69),
    "reference/openclimate_SBTi_Actor.csv": (reference, "2023-01-31", 2394),
    "reference/openclimate_SBTi_ActorName.csv": (reference, "2023-01-31", 2394),
    "reference/openclimate_SBTi_ActorIdentifier.csv": (reference, "2023-01-31", 2369),
    "reference/gleif_api_549300LBI3LRIZ2V8V66_lapsed.json": (reference, "2024-07-06", 1),
    "reference/gleif_api_9845001B2AD43E664E58_issued.json": (reference, "2024-07-06", 1),
    "reference/country-codes.csv": (reference, "2026-01-31", 249),
    "reference/iso3166_all_lukes.csv": (reference, "2026-01-31", 249),
}
_HEAD = ["Company Name", "Geography", "Sector", "ISINs", "Publication Date", "Assessment Date", "Benchmark ID"]
_AIMS = ["Carbon Performance Alignment 2035", "Carbon Performance Alignment 2050"]


def _real(name: str) -> Path:
    path = SHARED / "data" / name
    if not path.exists():
        pytest.skip(f"shared/data/{name} is absent")
    return path


def test_dated_assessments_of_one_aim_are_answers_to_one_question(tmp_path: Path):
    same = ["Glencore (Coal Mining)", "Switzerland", "Coal Mining", "notfound"]
    rows = [
        [*same, "01/08/2024", "16/07/2024", "b2", "Not Aligned", "1.5 Degrees"],
        [*same, "01/10/2020", "19/11/2020", "b1", "", "No or unsuitable disclosure"],
        [*same, "01/10/2019", "19/09/2019", "b1", "", ""],
    ]
    batch, report = tpi.load(table(tmp_path / "a.csv", _HEAD + _AIMS, rows), DAY, Index())
    days = {key: one.published_on for key, one in batch.sources.items()}
    said = [(one.company, one.year, one.subject, one.grade, one.response_status) for one in batch.rows]
    assert said == [
        ("glencore", 2035, "Coal Mining", "Not Aligned", None),
        ("glencore", 2050, "Coal Mining", "1.5 Degrees", None),
        ("glencore", 2050, "Coal Mining", None, "No or unsuitable disclosure"),
    ]
    # The later of the two days: what is assessed is not known before it is published, nor before it is assessed.
    assert [str(days[one.source]) for one in batch.rows] == ["2024-08-01", "2024-08-01", "2020-11-19"]
    assert [one.row for one in report.of("blank")] == [4]
    assert len(report.of("unreadable")) == 3


def test_an_identifier_on_two_companies_merges_neither(tmp_path: Path):
    index = Index()
    rows = [[_LEI, "organization", name, country, "x"] for name, country in (("Ericsson", "SE"), ("Volvo", "SE"))]
    path = table(tmp_path / "a.csv", ["actor_id", "type", "name", "is_part_of", "datasource_id"], rows)
    for _ in range(2):
        reference.load(path, DAY, index)
    assert list(index.companies) == ["ericsson", "volvo"]
    wrong = [["549300W9JLPW15XIFM53", "organization", "Ett", "SE", "x"]]
    _, report = reference.load(table(tmp_path / "b.csv", ["actor_id", "type", "name", "is_part_of"], wrong), DAY, index)
    assert len(report.of("rejected")) == 1


def _gleif(path: Path) -> Path:
    other = {"name": "LM Ericsson", "language": "en", "type": "TRADING_OR_OPERATING_NAME"}
    entity: dict[str, Any] = {
        "legalName": {"name": "Telefonaktiebolaget LM Ericsson", "language": "sv"},
        "legalAddress": {"country": "SE"},
        "otherNames": [other],
        "transliteratedOtherNames": [],
    }
    record = {
        "meta": {"goldenCopy": {"publishDate": "2024-07-06T08:00:00Z"}},
        "data": {"attributes": {"lei": _LEI, "entity": entity}},
    }
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def test_a_gleif_record_gives_names_and_the_lei(tmp_path: Path):
    path, index = _gleif(tmp_path / "a.json"), Index()
    assert reference.recognise(path)
    assert reference.released(path) == dt.date(2024, 7, 6)
    batch, _ = reference.load(path, DAY, index)
    assert [one.value for line in batch.companies for one in line.identifiers] == [_LEI]
    assert [(one.name, one.type) for line in batch.companies for one in line.names] == [("LM Ericsson", "trading")]
    assert reference.load(path, DAY, index)[0].companies == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_the_real_files_are_recognised_by_one_importer_and_every_row_is_accounted_for(name: str):
    path = _real(name)
    module, day, rows = FILES[name]
    assert [one for one in IMPORTERS if one.recognise(path)] == [module]
    assert find(path).released == dt.date.fromisoformat(day)
    batch, report = module.load(path, dt.date.fromisoformat(day), Index())
    sheets = [sheet for sheet in report.sheets if sheet.profile]
    assert sum(sheet.rows for sheet in sheets) == len(batch.raw) == rows
    assert all(sheet.rows == sheet.imported + sum(sheet.rejected.values()) for sheet in sheets)


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_second_import_over_the_bundled_facts_publishes_nothing(corpus_database: str):
    connection = await connect(corpus_database, PUBLISHER)
    editions: list[list[int | None]] = []
    for _ in range(2):
        done = [await run(connection, find(_real(name)), Options()) for name in FILES]
        editions.append([found.edition if found else None for _, found in done])
    await connection.close()
    assert editions[0][0] is not None
    assert editions[1] == [None] * len(FILES)
