"""Editors' decisions: at every edition and date there is one answer, what was pinned stays, and undo brings back."""

import asyncio
import datetime as dt
import random
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from almanac.company import CompanyName
from almanac.errors import BadBatch, BadParameter, Conflicting
from almanac.publish import editors
from almanac.publish.batch import Batch, CompanyLine, Identifier
from almanac.publish.publish import Report
from almanac.store.db import PUBLISHER, Connection, connect
from almanac.store.queries import QUERIES
from tests.publish.build import BY_NAME, batch, emission, put, row, source

pytestmark = pytest.mark.anyio
WHY = editors.Decision(publisher="tests", reason="one company", on=dt.date(2024, 1, 1))
DAYS = [dt.date(2022, 1, 1), dt.date(2023, 1, 1), dt.date(2024, 6, 1)]
NOKIA = CompanyLine(id="nokia", name="Nokia", identifiers=[Identifier(scheme="sbti_id", value="1")])
OYJ = CompanyLine(id="nokia-oyj", name="Nokia Oyj", country="FI", identifiers=[Identifier(scheme="sbti_id", value="2")])
BOTH = (NOKIA, OYJ)


async def decide(connection: Connection, make: Any, *what: Any, **more: Any) -> Report:
    return await put(connection, await make(connection, BY_NAME, *what, WHY, **more))


async def merge(connection: Connection, gone: str = "nokia-oyj", into: str = "nokia", **more: Any) -> Report:
    return await decide(connection, editors.merge, gone, into, **more)


async def answers(connection: Connection, edition: int, day: dt.date) -> set[tuple[str, str, float]]:
    """Company, period and value of every emission that reads give."""
    rows = await connection.fetch(QUERIES["emissions/list"], edition, day, None, None, 500, *[None] * 6)
    found = [msgspec.json.decode(row["body"]) for row in rows]
    return {(one["company"], one["period"], one["value"]) for one in found}


async def state(connection: Connection) -> dict[tuple[int, dt.date], set[tuple[str, str, float]]]:
    newest = await connection.fetchval("select max(edition) from edition")
    return {(edition, day): await answers(connection, edition, day) for edition in range(newest + 1) for day in DAYS}


def of(key: str, day: str, company: str, value: str, period: str = "2021") -> Batch:
    return batch([source(key, day)], [emission(key, value, company=company, period=period)], BOTH)


async def test_what_was_said_of_the_one_is_said_of_the_other_at_every_date(connection: Connection):
    await put(connection, of("a", "2021-06-01", "nokia-oyj", "5"))
    await put(connection, of("b", "2022-06-01", "nokia-oyj", "6"))
    await put(connection, of("c", "2022-06-01", "nokia", "7", "2020"))
    before = await state(connection)
    report = await merge(connection)
    after = await state(connection)
    assert {at: after[at] for at in before} == before
    edition = report.edition
    assert after[edition, DAYS[0]] == {("nokia", "2021", 5)}
    assert after[edition, DAYS[1]] == {("nokia", "2021", 6), ("nokia", "2020", 7)} == after[edition, DAYS[2]]
    undone = await decide(connection, editors.undo, edition)
    again = await state(connection)
    assert {at: again[at] for at in after} == after
    assert [again[undone.edition, day] for day in DAYS] == [before[edition - 1, day] for day in DAYS]


async def test_names_and_identifiers_add_up_and_go_again(connection: Connection):
    await put(connection, batch([], [], BOTH))
    find = QUERIES["companies/search"]
    found = [{row["seq"] for row in await connection.fetch(find, 1, None, 10, None, None, None, "nokia oyj", "2")}]
    report = await merge(connection)
    undone = await decide(connection, editors.undo, report.edition)
    heads = []
    for edition in (1, report.edition, undone.edition):
        rows = await connection.fetch(find, edition, None, 10, None, None, None, "nokia", "2")
        named = {one["id"]: one for one in (msgspec.json.decode(row["body"]) for row in rows)}
        heads.append({one: (len(head["names"]), len(head["identifiers"])) for one, head in named.items()})
    assert found
    assert heads == [{"nokia": (0, 1), "nokia-oyj": (0, 1)}, {"nokia": (1, 2)}, {"nokia": (0, 1), "nokia-oyj": (0, 1)}]
    resolve = QUERIES["companies/resolve"]
    assert [dict(one) for one in await connection.fetch(resolve, report.edition, "nokia-oyj")] == [
        {"company_id": "nokia", "is_merged": True}
    ]
    assert not (await connection.fetch(resolve, undone.edition, "nokia-oyj"))[0]["is_merged"]


async def test_a_chain_leads_to_its_end_and_the_last_link_is_undone_alone(connection: Connection):
    await put(connection, batch([], [], [*BOTH, CompanyLine(id="nsn", name="NSN")]))
    await merge(connection, "nsn", "nokia-oyj")
    second = await merge(connection)
    resolve = QUERIES["companies/resolve"]
    assert (await connection.fetch(resolve, 9, "nsn"))[0]["company_id"] == "nokia"
    assert {one["company_id"]: one["into_id"] for one in await connection.fetch(QUERIES["publish/merged"])} == {
        "nsn": "nokia",
        "nokia-oyj": "nokia",
    }
    await decide(connection, editors.undo, second.edition)
    assert (await connection.fetch(resolve, 9, "nsn"))[0]["company_id"] == "nokia-oyj"


@pytest.mark.parametrize(
    ("gone", "into", "said"),
    [
        ("nokia", "nokia", "into itself"),
        ("nobody", "nokia", "no company has the id 'nobody'"),
        ("nokia", "nokia-oyj", "nokia-oyj was merged into nokia"),
        ("nokia-oyj", "nokia", "nokia-oyj was merged into nokia"),
    ],
)
async def test_what_cannot_be_merged_is_told(connection: Connection, gone: str, into: str, said: str):
    await put(connection, batch([], [], BOTH))
    await merge(connection)
    with pytest.raises(BadParameter, match=said):
        await merge(connection, gone, into)


async def test_one_source_with_two_answers_is_a_conflict_until_told_whose_counts(connection: Connection):
    two = [
        emission("a", value, company=company, period="2021") for company, value in (("nokia", "7"), ("nokia-oyj", "5"))
    ]
    await put(connection, batch([source("a", "2021-06-01")], two, BOTH))
    with pytest.raises(Conflicting) as refused:
        await merge(connection)
    assert "one source gives the two companies different answers" in refused.value.faults[0].detail
    for keep, value in (("into", 7), ("from", 5)):
        report = await merge(connection, keep=keep)
        assert await answers(connection, report.edition, DAYS[2]) == {("nokia", "2021", value)}
        await decide(connection, editors.undo, report.edition)
    newest = await connection.fetchval("select max(edition) from edition")
    assert await answers(connection, newest, DAYS[2]) == {("nokia", "2021", 7), ("nokia-oyj", "2021", 5)}


async def test_a_batch_about_a_merged_company_is_refused_with_where_it_went(connection: Connection):
    await put(connection, of("a", "2021-06-01", "nokia-oyj", "5"))
    await merge(connection)
    with pytest.raises(BadBatch) as refused:
        await put(connection, of("b", "2022-06-01", "nokia-oyj", "6"))
    assert "was merged into nokia" in refused.value.faults[0].detail


async def test_nobody_but_an_editor_makes_events(connection: Connection):
    made = row("identity-events", "a", company="nokia", event="merged_from", other="nokia-oyj")
    with pytest.raises(BadBatch) as refused:
        await put(connection, batch([source("a", "2021-06-01")], [made], BOTH))
    assert "almanac company merge" in refused.value.faults[0].detail


async def test_what_something_rests_on_is_not_undone(connection: Connection):
    await put(connection, of("a", "2021-06-01", "nokia-oyj", "5"))
    report = await merge(connection)
    await put(connection, of("a", "2021-06-01", "nokia", "5.5"))
    with pytest.raises(Conflicting) as refused:
        await decide(connection, editors.undo, report.edition)
    assert [(one.parameter, one.detail) for one in refused.value.faults] == [("nokia", "was said anew since")]
    with pytest.raises(BadParameter, match="decided nothing about companies"):
        await decide(connection, editors.undo, 1)


async def test_a_rename_and_an_alias_come_and_go(connection: Connection):
    await put(connection, batch([], [], BOTH))
    renamed = await decide(connection, editors.rename, "nokia", "Nokia Group")
    also = await decide(connection, editors.alias, "nokia", CompanyName(name="NOK", lang="en", type="trading"))
    head = msgspec.json.decode((await connection.fetch(QUERIES["publish/companies"], ["nokia"]))[0]["body"])
    assert (head["name"], [(one["name"], one["type"]) for one in head["names"]]) == (
        "Nokia Group",
        [("Nokia", "former"), ("NOK", "trading")],
    )
    for edition in (also.edition, renamed.edition):
        await decide(connection, editors.undo, edition)
    head = msgspec.json.decode((await connection.fetch(QUERIES["publish/companies"], ["nokia"]))[0]["body"])
    assert (head["name"], head["names"]) == ("Nokia", [])
    names = await connection.fetch("select name from company_name where company_id = 'nokia' and gone is null")
    assert [one["name"] for one in names] == ["Nokia"]
    for bad in ("", "Nul\x00"):
        with pytest.raises(BadParameter, match="the name cannot be taken"):
            await decide(connection, editors.rename, "nokia", bad)


def found_under(company: str, under: dict[str, str]) -> str:
    return found_under(under[company], under) if company in under else company


async def test_whatever_is_merged_and_undone_each_edition_is_as_a_plain_model_has_it(connection: Connection):
    """The model: who said what of whom, and who is found under whom."""
    rng = random.Random(7)
    ids = ["a", "b", "c", "d"]
    await put(connection, batch([], [], [CompanyLine(id=one, name=f"Company {one}") for one in ids]))
    said: dict[tuple[str, str], tuple[str, dt.date, Decimal]] = {}
    under: dict[str, str] = {}
    merges: list[tuple[int, str]] = []
    pinned: dict[tuple[int, dt.date], set[tuple[str, str, float]]] = {}
    for turn in range(30):
        free = [one for one in ids if one not in under]
        if (chance := rng.random()) < 0.5 or len(free) < 2:
            company, period = rng.choice(free), rng.choice(["2019", "2020", "2021"])
            on = dt.date(rng.choice([2021, 2022]), 6, 1) + dt.timedelta(
                turn
            )  # no two on one day: the order would count
            key, value = f"s{turn}", Decimal(rng.randint(1, 99))
            answer = emission(key, str(value), company=company, period=period)
            edition = (await put(connection, batch([source(key, str(on))], [answer], []))).edition
            said[key, period] = (company, on, value)
        elif chance < 0.8:
            gone, into = rng.sample(free, 2)
            edition = (await merge(connection, gone, into)).edition
            under[gone] = into
            merges.append((edition, gone))
        elif merges and merges[-1][1] in under:
            number, gone = merges.pop()
            edition = (await decide(connection, editors.undo, number)).edition
            del under[gone]
        else:
            continue
        for day in DAYS:
            newest: dict[tuple[str, str], tuple[dt.date, Decimal]] = {}
            for (_, period), (company, on, value) in said.items():
                at = (found_under(company, under), period)
                if on <= day and on > newest.get(at, (dt.date.min,))[0]:
                    newest[at] = (on, value)
            found = await answers(connection, edition, day)
            assert found == {(*at, float(value)) for at, (_, value) in newest.items()}, (turn, day)
            pinned[edition, day] = found
    for (edition, day), found in pinned.items():
        assert await answers(connection, edition, day) == found


async def test_a_publish_that_races_a_merge_is_moved_or_refused_never_lost(empty_database: str):
    first = await connect(empty_database, PUBLISHER)
    await put(first, of("a", "2021-06-01", "nokia-oyj", "5"))

    async def publishes(number: int) -> str:
        own = await connect(empty_database, PUBLISHER)
        try:
            await put(own, of(f"p{number}", "2022-06-01", "nokia-oyj", str(number), f"{2000 + number}"))
        except BadBatch:
            return "refused"
        finally:
            await own.close()
        return "taken"

    async def merges() -> None:
        async with editors.deciding(first):
            await merge(first)

    outcomes, _ = await asyncio.gather(asyncio.gather(*(publishes(number) for number in range(8))), merges())
    newest = await first.fetchval("select max(edition) from edition")
    found = await answers(first, newest, DAYS[2])
    await first.close()
    taken = {f"{2000 + number}" for number, outcome in enumerate(outcomes) if outcome == "taken"}
    assert {company for company, *_ in found} == {"nokia"}
    assert {period for _, period, _ in found} == {"2021", *taken}
