"""Every file under sql/queries: one statement that PostgreSQL accepts from the role that runs it, and its comment is true."""

import ast
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from almanac.columns import of_kind
from almanac.kind import Kind
from almanac.kinds import KINDS
from almanac.store.db import EXPORTER, PUBLISHER, READER, Connection, connect
from almanac.store.queries import QUERIES, params
from tests.conftest import ROOT, Servers

pytestmark = pytest.mark.anyio

PAGE = ["edition", "known_on", "company", "after", "limit"]
# The owner migrates and keeps keys; all that is not named here is read.
OWNED = {
    "migrations/list",
    "migrations/lock",
    "migrations/record",
    "metrics/load",
    "keys/create",
    "keys/list",
    "keys/revoke",
}

WRITTEN = ("publish/", "submissions/")

each_query = pytest.mark.parametrize("name", sorted(QUERIES))
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.stem)


def role(name: str) -> str | None:
    if name in OWNED:
        return None
    return EXPORTER if name.startswith("exports/") else PUBLISHER if name.startswith(WRITTEN) else READER


@pytest.fixture
async def planner(servers: Servers, empty_template: str, request: pytest.FixtureRequest) -> AsyncIterator[Connection]:
    """A connection that acts as the role asked for."""
    opened = await connect(servers.database(empty_template), request.param)
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("planner", "who"), [(r, r) for r in (READER, PUBLISHER, EXPORTER, None)], indirect=["planner"]
)
async def test_its_role_may_run_it(planner: Connection, who: str | None):
    """Planning checks names, types and privileges; preparing alone does not check privileges."""
    for name in (name for name in sorted(QUERIES) if role(name) == who):
        with _named(name):
            await planner.execute(f"explain (generic_plan) {QUERIES[name]}")


@contextlib.contextmanager
def _named(name: str) -> Iterator[None]:
    """What fails inside says which query it was about."""
    try:
        yield
    except Exception as error:
        error.add_note(f"sql/queries/{name}.sql")
        raise


@pytest.mark.parametrize("planner", [READER], indirect=True)
@pytest.mark.parametrize("name", ["publish/edition", "keys/create", "metrics/load", "migrations/record"])
async def test_another_role_is_refused(planner: Connection, name: str):
    """Control: the test above would notice a query that runs under the wrong role."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await planner.execute(f"explain (generic_plan) {QUERIES[name]}")


async def test_its_parameters_are_as_many_as_it_names(owner: Connection):
    for name, text in QUERIES.items():
        with _named(name):
            assert len(params(text)) == len((await owner.prepare(text)).get_parameters()), name


@each_query
def test_its_parameters_are_numbered_and_cast(name: str):
    numbers = {int(number) for number in re.findall(r"\$(\d+)", QUERIES[name])}
    assert numbers == set(range(1, len(numbers) + 1))
    uncast = [number for number in numbers if f"${number}::" not in QUERIES[name]]
    assert uncast == [], "a parameter without a type is whatever the planner guesses"


@each_query
def test_it_begins_with_a_sentence(name: str):
    assert re.fullmatch(r"-- [A-Z].*\.", QUERIES[name].splitlines()[0])


@each_query
def test_it_is_one_short_statement_in_the_house_style(name: str):
    text = QUERIES[name]
    code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert ";" not in code
    assert len(text.splitlines()) <= 80
    assert not re.search(r"\b(SELECT|FROM|WHERE|JOIN)\b", code)
    # A page is never reached by skipping. A part of a file is, once, by who has written all that is skipped.
    assert ("offset" in code.split()) == (name == "bulk/part")
    assert text.endswith("\n")


@each_kind
def test_the_list_of_a_kind_takes_time_page_and_filters(kind: Kind):
    assert params(QUERIES[f"{kind.stem}/list"]) == [*PAGE, *kind.filter.__struct_fields__]


@each_kind
async def test_the_flat_file_of_a_kind_has_its_columns(owner: Connection, kind: Kind):
    """Those that the manifest describes, in its order; a list is text there."""
    prepared = await owner.prepare(QUERIES[f"{kind.stem}/flat"])
    found = {column.name: column.type.name for column in prepared.get_attributes()}
    types = {"string": "text", "integer": "int4", "number": "numeric", "date": "date", "list": "text"}
    wanted = {column.name: types[column.type] for column in of_kind(kind)}
    assert list(found) == list(wanted)
    assert found | {"seq": "int4", "id": "text", "source_id": "text"} == wanted


@each_kind
async def test_a_filter_has_the_type_of_its_field(owner: Connection, kind: Kind):
    """The parameter after the page is compared with the column of its name, and both have one type."""
    prepared = await owner.prepare(QUERIES[f"{kind.stem}/list"])
    rows = await owner.fetch(
        "select attname, atttypid from pg_attribute where attrelid = $1::text::regclass and attnum > 0", kind.table
    )
    types = {row["attname"]: row["atttypid"] for row in rows}
    for name, parameter in zip(kind.filter.__struct_fields__, prepared.get_parameters()[len(PAGE) :], strict=True):
        assert types[name] == parameter.oid, name


def test_no_file_is_left_over():
    """A query that nobody names is dead, or is named where this test cannot see it."""
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    called = set(re.findall(r'"(\w+/\w+)"', source)) | {f"{k.stem}/{verb}" for k in KINDS for verb in ("list", "flat")}
    assert sorted(set(QUERIES) - called) == []


RUNNERS = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "cursor", "prepare"}


def made_up(code: str) -> list[int]:
    """Lines on which a statement is put together out of text."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and node.args]
    run = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in RUNNERS]
    found = [call.lineno for call in run if isinstance(call.args[0], ast.JoinedStr | ast.BinOp)]
    formatted = [node for call in run for node in ast.walk(call.args[0]) if isinstance(node, ast.Attribute)]
    return sorted(
        {*found, *(node.lineno for node in formatted if node.attr in ("format", "format_map", "replace", "join"))}
    )


@pytest.mark.parametrize(
    "path", sorted((ROOT / "src").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT / "src"))
)
def test_no_statement_is_put_together_out_of_text(path: Path):
    """`database.fetch(f"{kind.stem}/list")` names a file; only the store runs statements, and the files it runs are fixed.

    The views of a partner's own copy are named as the manifest names its tables, and those names are checked.
    """
    lines = made_up(path.read_text("utf-8"))
    named = [
        line
        for line in lines
        if re.search(r'database\.fetch\(|f"\{kind\.stem\}/(list|flat)"|f"(drop|create) view ', _around(path, line))
    ]
    assert lines == named


def _around(path: Path, line: int) -> str:
    return "\n".join(path.read_text("utf-8").splitlines()[line - 1 : line + 1])


@pytest.mark.parametrize(
    "code",
    [
        "connection.execute(f'delete from {table}')",
        "connection.fetch('select ' + name)",
        "connection.fetch('select %s' % name)",
        "connection.fetchval('select {}'.format(name))",
    ],
)
def test_a_statement_put_together_would_be_found(code: str):
    assert made_up(code) == [1]
