"""Mapped tables: encodings, JSON, units, vocabularies, blanks and periods; a mapping that does not fit is refused."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from almanac.errors import BadFile
from almanac.importers import mapped, mapping
from almanac.importers.identity import Index
from tests.importers.numbers import cells, told, workbook

DAY = dt.date(2024, 5, 31)
SOURCE = '[source]\ntitle = "Table"\npublisher = "Bureau"\nlicence = "CC0"\n'
COMPANY = '[company]\nname = { column = "Name" }\ncountry = "SE"\n'
EMISSIONS = '[[answer]]\nkind = "emissions"\nmetric = "ghg.scope1"\nunit = "t CO2e"\n'
PLAIN = SOURCE + COMPANY + EMISSIONS + 'period = { column = "Year" }\nvalue = { column = "Value" }\n'


def load(folder: Path, file: str, data: bytes | str, told: str, index: Index | None = None) -> tuple[Any, Any]:
    path = folder / file
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    (folder / "map.toml").write_text(told, "utf-8")
    table = mapping.read(folder / "map.toml")
    batch, report = mapped.Mapped(table).load(path, DAY, index or Index())
    (sheet,) = report.sheets
    assert sheet.rows == sheet.imported + sum(sheet.rejected.values()) == len(batch.raw)
    return batch, report


CHINESE = """
[file]
encoding = "gb18030"
[source]
title = "企业排放"
publisher = "统计局"
licence = "公开"
language = "zh"
[company]
name = { column = "企业" }
country = { column = "国家", words = { "中国" = "CN" } }
[units]
"吨" = "t CO2e"
[[answer]]
kind = "emissions"
where = { column = "指标", is = ["范围一"] }
metric = "ghg.scope1"
unit = "吨"
periods = { "2021" = "2021年", "2022" = "2022年" }
"""


def test_chinese_headers_in_gb18030_with_a_column_a_year(tmp_path: Path):
    data = "企业,国家,指标,2021年,2022年\n远山,中国,范围一,\uff11\uff12\uff13.50,\n远山,中国,用水,7,8\n㐂川,中国,范围一,,9\n"
    batch, report = load(tmp_path, "a.csv", data.encode("gb18030"), CHINESE)
    assert [(one.period, str(one.value), one.row) for one in batch.rows] == [("2021", "123.50", 2), ("2022", "9", 4)]
    assert [one.name for one in batch.companies] == ["远山", "㐂川"]
    assert dict(report.sheets[0].rejected) == {"rejected": 1}
    assert cells(batch.raw[0])["企业"] == "远山"


def test_a_slug_of_a_chinese_name_does_not_depend_on_the_order(tmp_path: Path):
    rows = ["远山,中国,范围一,1,2", "清河,中国,范围一,3,4"]
    slugs = []
    for order in (rows, rows[::-1]):
        data = "企业,国家,指标,2021年,2022年\n" + "\n".join(order)
        batch, _ = load(tmp_path, "a.csv", data.encode("gb18030"), CHINESE)
        slugs.append({one.name: one.id for one in batch.companies})
    assert slugs[0] == slugs[1]
    assert all(one.startswith("company-") for one in slugs[0].values())


def test_text_that_is_not_in_the_encoding_declared_is_refused(tmp_path: Path):
    with pytest.raises(BadFile, match="is not in gb18030"):
        load(tmp_path, "a.csv", b"\xff\xff\xff\n", CHINESE)


def test_a_file_whose_encoding_is_not_declared_says_so(tmp_path: Path):
    with pytest.raises(BadFile, match=r"not UTF-8; `file.encoding` names what it is"):
        load(
            tmp_path,
            "a.csv",
            "企业,国家,指标\n远山,中国,范围一\n".encode("gb18030"),
            CHINESE.replace('[file]\nencoding = "gb18030"', ""),
        )


def test_a_json_array_keeps_its_digits_and_names_what_is_within_with_dots(tmp_path: Path):
    told = PLAIN.replace('"Name"', '"公司.名称"').replace('"Value"', '"排放"') + '[file]\nrecords = "data.items"\n'
    data = '{"data": {"items": [{"公司": {"名称": "Borealis"}, "Year": 2022, "排放": 7.50}, {"Year": 2023, "排放": null}]}}'
    batch, report = load(tmp_path, "a.json", data, told)
    assert [(one.company, one.period, str(one.value), one.row) for one in batch.rows] == [
        ("borealis", "2022", "7.50", 1)
    ]
    assert cells(batch.raw[0]) == {"公司.名称": "Borealis", "Year": 2022, "排放": Decimal("7.50")}
    assert dict(report.sheets[0].rejected) == {"blank": 1}


@pytest.mark.parametrize("data", ['{"a": 1}', '[{"a": 1, "a": 2}]', '[{"a": NaN}]', "[1]", "[" * 100_000, "nothing"])
def test_what_is_no_array_of_objects_is_refused(tmp_path: Path, data: str):
    with pytest.raises(BadFile, match=r"a\.json"):
        load(tmp_path, "a.json", data, PLAIN)


@pytest.mark.parametrize(
    ("more", "cell", "value"),
    [
        ('[file]\ndecimal = ","\n', "1.234,50", "1234.50"),
        ("", "1,234.50", "1234.50"),
        ("", "\u22125", "-5"),
        ('[units]\n"t CO2e" = { unit = "kt CO2e", times = 10 }\n', "1.25", "12500"),
    ],
)
def test_numbers_keep_their_digits(tmp_path: Path, more: str, cell: str, value: str):
    batch, _ = load(tmp_path, "a.csv", f'Name,Year,Value\nBorealis,2022,"{cell}"\n', PLAIN + more)
    assert [str(one.value) for one in batch.rows] == [value]


@pytest.mark.parametrize("cell", ["1e99999999", "9" * 100, "约五", "1,5", "nan"])
def test_what_is_no_number_is_reported_and_never_guessed(tmp_path: Path, cell: str):
    batch, report = load(tmp_path, "a.csv", f'Name,Year,Value\nBorealis,2022,"{cell}"\n', PLAIN)
    assert batch.rows == []
    assert [(line.row, line.column) for line in report.of("unreadable")] == [(2, "C Value")]


def test_a_factor_keeps_every_digit(tmp_path: Path):
    told_here = PLAIN.replace('column = "Value"', 'column = "Value", times = 1000')
    batch, _ = load(tmp_path, "a.csv", "Name,Year,Value\nBorealis,2022,0.12345678901234567890123456789\n", told_here)
    assert str(batch.rows[0].value) == "123.45678901234567890123456789"


def test_a_workbook_and_several_kinds_a_row(tmp_path: Path):
    sheet = [["Name", "Year", "Value", "Grade", "Set on"], ["Borealis", 2022, 3, "A-", dt.date(2024, 3, 1)]]
    path = workbook(tmp_path / "a.xlsx", {"Data": [*sheet, ["Borealis", 2023, "#N/A", "Z", None]], "Notes": [["x"]]})
    told_here = PLAIN + '[file]\nsheet = "Data"\n[[answer]]\nkind = "ratings"\nscheme = "cdp"\nprogramme = "climate"\n'
    told_here += 'year = { column = "Year" }\ngrade = { column = "Grade" }\n'
    (tmp_path / "map.toml").write_text(told_here, "utf-8")
    batch, report = mapped.Mapped(mapping.read(tmp_path / "map.toml")).load(path, DAY, Index())
    assert [type(one).__name__ for one in batch.rows] == ["EmissionSubmission", "RatingSubmission"]
    assert told(report, "unreadable")[0] == (3, "C Value", "#N/A")
    assert "`grade` of cdp is one of" in report.of("unreadable")[1].reason
    assert [(one.name, one.rows, one.imported) for one in report.sheets] == [("Notes", 1, 0), ("Data", 2, 1)]
    assert report.sheets[1].ignored_columns == ["Set on"]


def test_a_row_that_contradicts_another_is_reported_and_one_without_a_company_left_out(tmp_path: Path):
    data = "Name,Year,Value\nBorealis,2022,1\nBorealis,2022,2\n,2022,3\nBorealis,,4\n,,\n"
    batch, report = load(tmp_path, "a.csv", data, PLAIN)
    assert [str(one.value) for one in batch.rows] == ["1"]
    assert dict(report.sheets[0].rejected) == {"conflict": 1, "rejected": 2, "blank": 1}
    assert [line.reason for line in report.of("rejected")] == [
        "A Name: names no company",
        "no answer of the row can be read",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('unit = "t CO2e"', 'unti = "t CO2e"', "there is no key 'unti'; the nearest is 'unit'"),
        ('column = "Value"', 'colum = "Value"', "there is no key 'colum'; the nearest is 'column'"),
        ('column = "Value"', 'column = "Valeu"', "has no column 'Valeu'; the nearest is 'Value'"),
        ('kind = "emissions"', 'kind = "emision"', "`kind` is one of emissions"),
        ('metric = "ghg.scope1"', 'metric = "GHG 1"', "`metric`: Expected `str` matching regex"),
        ('metric = "ghg.scope1"\n', "", "emissions need `metric`"),
        ('metric = "ghg.scope1"', 'metric = "ghg.scope1"\nbasis = "guessed"', "`basis`: Invalid enum value"),
        ('title = "Table"\n', "", "`title` must be given"),
        ('title = "Table"', 'title = { column = "Name" }', "with a `default` where it is a column"),
        ("[company]", "[company]\nnumber = 1", "with a `number` its `register`"),
        ('column = "Value"', 'column = "Value", pattern = "x"', "with one group"),
        ('column = "Value"', 'column = "Value", pattern = "("', "`pattern` is a regular expression with one group"),
        ('licence = "CC0"', 'licence = "CC0', "is no mapping"),
        ("[[answer]]", "[answer]", "Expected `array`, got `object`"),
        ("[source]", "[file]\ndecimal = 1\n[source]", "file: Expected `str`"),
        ("[source]", "[file]\nheader_row = 0\n[source]", "`header_row` counts from 1"),
        ('kind = "emissions"', 'kind = "emissions"\nperiods = { "2022" = "Value" }', "stands instead of `period`"),
        ('kind = "emissions"', 'kind = "emissions"\nwhere = "x"', "answer 1.where: is a table of column, is"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(tmp_path: Path, old: str, new: str, said: str):
    assert old in PLAIN
    with pytest.raises(BadFile) as raised:
        load(tmp_path, "a.csv", "Name,Year,Value\nBorealis,2022,1\n", PLAIN.replace(old, new))
    assert said in raised.value.detail


def test_documents_named_by_columns_are_sources_of_their_own_and_the_raw_rows_lead_to_them(tmp_path: Path):
    said = 'title = { column = "Report", default = "Table" }\npublished_on = { column = "Day" }\nlanguage = "sv"'
    told_here = PLAIN.replace('title = "Table"', said)
    data = "Name,Year,Value,Report,Day\nA,2022,1,First,2024-03-01\nB,2022,2,,\nC,2022,3,First,2024-03-01\nD,2022,4,X,soon\n"
    batch, report = load(tmp_path, "a.csv", data, told_here)
    assert [
        (one.company, batch.sources[one.source].title, batch.sources[one.source].published_on) for one in batch.rows
    ] == [
        ("a", "First", dt.date(2024, 3, 1)),
        ("b", "Table", DAY),
        ("c", "First", dt.date(2024, 3, 1)),
    ]
    assert len(batch.sources) == 2
    assert {one.source for one in batch.raw} <= batch.sources.keys()
    assert [line.reason for line in report.of("rejected")] == ["E Day: is no date"]


def test_constants_of_text_may_be_written_as_numbers_and_lists_are_split(tmp_path: Path):
    told_here = (
        SOURCE + COMPANY + '[[answer]]\nkind = "targets"\nscheme = "company"\nterm = "near_term"\nreference = 7\n'
    )
    told_here += 'status = "announced"\nbase_year = 2019\nscopes = { column = "Scopes", split = "+" }\n'
    told_here += 'value_pct = { column = "Cut", times = 100 }\ntarget_year = { column = "By", default = 2050 }\n'
    data = "Name,Scopes,Cut,By\nBorealis,1+2,0.425,2030.0\nNordic,3,,\nSilent,,,\n"
    batch, report = load(tmp_path, "a.csv", data, told_here)
    found = [
        (one.reference, one.scopes, one.value_pct and str(one.value_pct), one.base_year, one.target_year)
        for one in batch.rows
    ]
    assert found == [("7", ["1", "2"], "42.5", 2019, 2030), ("7", ["3"], None, 2019, 2050)]
    assert dict(report.sheets[0].rejected) == {"blank": 1}


def test_names_and_identifiers_find_a_known_company(tmp_path: Path):
    index = Index()
    more = 'lei = { column = "LEI" }\nnames = [{ column = "Local", lang = "zh" }]\n'
    told_here = PLAIN.replace(COMPANY, COMPANY + more)
    header = "Name,Year,Value,LEI,Local\n"
    load(tmp_path, "a.csv", header + "ZTE Corp,2021,1,3003004FBGVVG1CW5U45,中兴通讯\n", told_here, index)
    batch, report = load(tmp_path, "b.csv", header + "ZTE,2022,1,3003004FBGVVG1CW5U45,中兴\n", told_here, index)
    assert [(one.company, one.period) for one in batch.rows] == [("zte", "2022")]
    assert [one.name for line in batch.companies for one in line.names] == ["ZTE", "中兴"]
    assert [line.finding for line in report.lines] == ["matched"]
