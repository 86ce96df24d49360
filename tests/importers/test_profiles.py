"""A header is known by its content: order, case and extra columns are no obstacle; what is missing is named."""

from pathlib import Path

import pytest

from almanac.errors import BadFile
from almanac.importers.identity import Index
from almanac.importers.sbti import load
from tests.importers.workbook import HEADER, NEAR, RELEASED, company, register


def load_with(folder: Path, header: list[str]):
    written = {name.strip().casefold().replace(" ", "_").replace("-", "_"): name for name in header}
    row = {written[name]: cell for name, cell in company(**NEAR).items() if name in written}
    return load(register(folder, [row], header), RELEASED, Index())


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        HEADER[::-1],
        [f" {name.upper()} " for name in HEADER],
        [name.replace("_", " ").title() for name in HEADER],
        [*HEADER[:5], "comment", *HEADER[5:], "checked by"],
        [name for name in HEADER if name not in ("region", "target_classification_long")],
    ],
    ids=["as published", "reversed", "upper case", "words", "extra columns", "without unused columns"],
)
def test_variants_of_the_header_read_alike(tmp_path: Path, header: list[str]):
    batch, report = load_with(tmp_path, header)
    assert [(sheet.profile, sheet.imported) for sheet in report.sheets] == [("sbti-2025-company", 1)]
    assert [(row.target_year, row.ambition) for row in batch.rows] == [(2030, "1.5C")]


def test_columns_that_are_not_imported_are_told(tmp_path: Path):
    _, report = load_with(tmp_path, [*HEADER, "comment"])
    assert report.sheets[0].ignored_columns == ["region", "target_classification_long", "comment"]


def test_a_missing_column_is_named(tmp_path: Path):
    with pytest.raises(
        BadFile, match=r"sheet 'Data'.*row 1.*nearest profile is sbti-2025-company.*missing: lei, ba15_date$"
    ):
        load_with(tmp_path, [name for name in HEADER if name not in ("lei", "ba15_date")])


def test_a_repeated_column_is_named(tmp_path: Path):
    with pytest.raises(BadFile, match=r"there more than once: lei"):
        load_with(tmp_path, [*HEADER, "LEI"])


@pytest.mark.parametrize(
    ("header", "nearest"),
    [
        (["sbti_id", "company_name", "near_term_status", "net_zero_status"], "sbti-2025-company"),
        (["Company Name", "ISIN", "LEI", "Near term - Target Status", "Date"], "sbti-2022b-company"),
        (["Company Name", "ISIN", "BA1.5?", "Extension"], "sbti-2022-company"),
        (["Company Name", "Country", "Status", "Target Qualification", "About"], "sbti-2020-company"),
        (["Company Name", "Target Wording", "Scope", "Base Year"], "sbti-2023-targets"),
    ],
)
def test_an_unknown_header_names_the_nearest_profile_and_what_differs(tmp_path: Path, header: list[str], nearest: str):
    with pytest.raises(BadFile) as caught:
        load_with(tmp_path, [*header, "checked by"])
    assert f"nearest profile is {nearest}" in caught.value.detail
    assert "missing: " in caught.value.detail
    assert caught.value.detail.endswith("not in that profile: checked by")


def test_the_name_of_the_file_does_not_matter(tmp_path: Path):
    path = register(tmp_path, [company(**NEAR)], name="cdp_scores_2012.xlsx")
    assert load(path, RELEASED, Index())[1].sheets[0].profile == "sbti-2025-company"
