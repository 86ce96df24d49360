"""The body of a version, as served, says what its typed row says: neither can drift from the other."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from almanac.kind import Kind, record
from almanac.kinds import KINDS
from almanac.model import Evidence, SourceRef, encode, plain
from almanac.store.db import Connection

pytestmark = pytest.mark.anyio

EVIDENCE = [name for name in Evidence.__struct_fields__ if name != "source"]

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.stem)


async def stored(connection: Connection, kind: Kind) -> list[Any]:
    """Every version of a kind: its row, its change, its source, and the company's name of its time."""
    own = ", ".join(f"v.{name}" for name in (*EVIDENCE, *kind.fields))
    return await connection.fetch(
        f"""
        select v.seq, v.disclosure_id, v.version, v.company_id, v.edition, v.op, v.known_from, v.natural_key, v.source_id, {own},
               c.body, c.kind, c.changed, (c.seq, c.disclosure_id, c.version, c.company_id, c.edition, c.op, c.known_from,
               c.natural_key, c.source_id) = (v.seq, v.disclosure_id, v.version, v.company_id, v.edition, v.op, v.known_from,
               v.natural_key, v.source_id) as agrees, to_json(s) as source,
               (select r.name from company_record r where r.company_id = v.company_id and r.edition <= v.edition
                 order by r.edition desc limit 1) as company_name
          from {kind.table} v join change c using (seq) join source s on s.source_id = v.source_id
         order by v.seq
        """
    )


def rebuilt(kind: Kind, row: Any) -> bytes:
    """The version made anew from typed columns alone."""
    source = msgspec.json.decode(row["source"])
    day = dt.date.fromisoformat(source["published_on"])
    fields = {name: source[name] for name in ("title", "publisher", "url", "licence")}
    # The driver reads 24980000 as 2.498E+7: the same number with the same digits after the point.
    own = {name: plain(row[name]) if isinstance(row[name], Decimal) else row[name] for name in kind.fields}
    header = ("company_name", "version", "edition", "seq", "op", "known_from", *EVIDENCE)
    return encode(
        record(kind)(
            id=str(row["disclosure_id"]),
            kind=kind.name,
            company=row["company_id"],
            changed=list(row["changed"]),
            source=SourceRef(id=str(row["source_id"]), published_on=day, **fields),
            **{name: row[name] for name in header},
            **own,
        )
    )


@each_kind
async def test_a_body_is_its_row_encoded_anew(reader: Connection, kind: Kind):
    rows = await stored(reader, kind)
    assert rows, "the corpus has every kind"
    for row in rows:
        assert row["agrees"], row["seq"]
        assert row["body"].decode() == rebuilt(kind, row).decode(), row["seq"]
        assert isinstance(row["disclosure_id"], uuid.UUID)


@each_kind
async def test_a_body_is_of_its_kind(reader: Connection, kind: Kind):
    """Decoding is strict: pattern, bounds and enumerations of the contract hold for what is stored."""
    for row in await stored(reader, kind):
        assert encode(msgspec.json.decode(row["body"], type=record(kind), strict=True)) == row["body"]


@each_kind
async def test_the_natural_key_is_made_from_the_key_fields(reader: Connection, kind: Kind):
    for row in await stored(reader, kind):
        said = [
            "" if row[name] is None else str(row[name]).replace("\\", "\\\\").replace("|", "\\|") for name in kind.key
        ]
        assert row["natural_key"] == "|".join(said)


async def test_every_change_is_in_the_table_of_its_kind(reader: Connection):
    counted = dict(await reader.fetch("select kind, count(*) from change group by kind"))
    for kind in KINDS:
        assert await reader.fetchval(f"select count(*) from {kind.table}") == counted.get(kind.name, 0)


async def test_another_digit_would_be_seen(reader: Connection):
    """Control: a row whose number has one digit more than its body differs from it."""
    kind = next(kind for kind in KINDS if kind.stem == "emissions")
    row = next(row for row in await stored(reader, kind) if row["value"] is not None)
    more = {name: row[name] for name in row.keys()} | {"value": row["value"].scaleb(-1)}  # noqa: SIM118
    assert rebuilt(kind, row) == row["body"] != rebuilt(kind, more)
