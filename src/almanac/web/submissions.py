"""Submissions: batches that callers with a publisher's key hand in, and what became of them."""

import asyncio
import contextlib
import hashlib
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from almanac.errors import BadBatch, Unavailable
from almanac.model import DisclosureId, EditionNumber, Instant
from almanac.publish.submit import Outcome, outcome, submit
from almanac.store import submissions
from almanac.store.db import PUBLISHER, connect
from almanac.store.submissions import Order, Stored
from almanac.web.body import read
from almanac.web.operation import Asked, Body, Done, Write
from almanac.web.problems import ProblemItem, items

MEDIA_TYPE = "application/x-ndjson"
LARGE_ROWS = 2000

_MOST_AT_ONCE = 4


class SubmissionPath(Struct, frozen=True, kw_only=True):
    """One submission."""

    id: Annotated[
        str,
        Meta(
            pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            max_length=36,
            description="Id of the submission, as `Location` gives it.",
            examples=["00000000-0000-4000-8000-000000000000"],
        ),
    ]


class SubmissionQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a batch is to be worked on."""

    dry_run: Annotated[
        Literal["true", "false"], Meta(description="`true`: report what would change, and change nothing.")
    ] = "false"


class SubmissionHeaders(Struct, frozen=True, kw_only=True, rename={"idempotency_key": "Idempotency-Key"}):
    """What names a batch for trying again."""

    idempotency_key: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9._:-]{1,200}$",
            max_length=200,
            description="Names this batch among those of the key: the same one again gives the answer of the first time.",
            examples=["report-2025-1"],
        ),
    ]


class SubmittedRow(Struct, frozen=True, kw_only=True):
    """What became of one row of a batch."""

    line: Annotated[int, Meta(ge=1, description="Number of the line in the batch, from 1, as `errors` has it.")]
    kind: Annotated[str, Meta(description="Kind of disclosure, as in `/v1/kinds`.")]
    disclosure: DisclosureId
    result: Annotated[
        str,
        Meta(description="`add`, `restate`, `backfill`, `correct`, `withdraw`; or `unchanged`: no version of its own."),
    ]
    version: Annotated[int | None, Meta(description="Number of the version that it made; null if none.")]


class Submission(Struct, frozen=True, kw_only=True):
    """A batch that was handed in. What is not known before the end is null or empty until then."""

    id: Annotated[str, Meta(description="Id of the submission.")]
    status: Annotated[
        Literal["running", "published", "unchanged", "checked", "rejected", "interrupted"],
        Meta(
            description=(
                "`running`; `published` as `edition`; `unchanged`: all of it was known; `checked`: a dry run; `rejected` "
                "whole, see `errors`; `interrupted`: the process ended before it published, hand the batch in again."
            )
        ),
    ]
    dry_run: Annotated[bool, Meta(description="Whether nothing was to be changed.")]
    received_at: Annotated[Instant, Meta(description="When the work on it began.")]
    finished_at: Annotated[Instant | None, Meta(description="When it ended; null before.")]
    edition: Annotated[EditionNumber | None, Meta(description="Edition that it became; null if none.")]
    rows: Annotated[int | None, Meta(description="Number of answers in it; null before the end and if rejected.")]
    companies: Annotated[int | None, Meta(description="Number of companies new or changed; null likewise.")]
    counts: Annotated[dict[str, int], Meta(description="Number of rows by result, and of versions said again.")]
    results: Annotated[list[SubmittedRow], Meta(description="What became of each row, in their order.")]
    errors: Annotated[list[ProblemItem], Meta(description="Each row that was refused, with field and value.")]


_EXAMPLE = """\
{"record": "source", "key": "report", "type": "sustainability_report", "title": "Example report 2025", \
"publisher": "Example Ltd", "published_on": "2026-03-31", "licence": "Facts, cited"}
{"record": "company", "id": "example-ltd", "name": "Example Ltd", "country": "GB"}
{"record": "emissions", "company": "example-ltd", "source": "report", "metric": "ghg.scope1", "period": "2025", \
"value": 1250.0, "unit": "tCO2e", "page": "32"}
"""


def writes() -> list[Write]:
    """Hand in a batch; read what became of it."""
    return [_submit(), _read()]


async def _hand_in(asked: Asked, at_work: "set[asyncio.Task[Stored]]") -> Done:
    limits = asked.settings
    data = await read(asked.body, limits.submission_max_bytes, limits.submission_timeout_ms / 1000)
    if len(at_work) >= _MOST_AT_ONCE:
        raise Unavailable("other batches are being worked on")
    task, began = _start(asked, data)
    at_work.add(task)
    task.add_done_callback(at_work.discard)
    await asyncio.wait({task, began}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done() and began.result()[1] > LARGE_ROWS:
        one = began.result()[0]
        # Nobody waits for it any more: what it raises is told by the submission that stays interrupted.
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return Done(status=202, data=_shown(one), location=f"/v1/submissions/{one.id}")
    done = _ended(await asyncio.shield(task))
    # Who is told that it is published finds it at once. It is published, also where it cannot be shown just now.
    with contextlib.suppress(Unavailable):
        await asked.editions.refresh()
    return done


def _submit() -> Write:
    at_work: set[asyncio.Task[Stored]] = set()

    async def handle(asked: Asked) -> Done:
        return await _hand_in(asked, at_work)

    return Write(
        id="create_submission",
        method="POST",
        path="/v1/submissions",
        tag="Submissions",
        summary="Hand in a batch",
        description=(
            "Publishes a batch as one edition, whole or not at all; `almanac publish` takes the same format. Up to 2,000 "
            "rows are answered when they are published, more of them with 202 and a `Location` to read on. A row that is "
            "wrong rejects the batch and is named. The same batch under the same `Idempotency-Key` is published once."
        ),
        role="publisher",
        query=SubmissionQuery,
        headers=SubmissionHeaders,
        body=Body(
            media_type=MEDIA_TYPE,
            description="Lines of JSON: sources, companies, answers of any kind. It may be packed (`Content-Encoding: gzip`).",
            example=_EXAMPLE,
        ),
        data=Submission,
        answers={
            200: "What became of the batch",
            202: "The batch is being worked on; `Location` tells what becomes of it",
        },
        refusals=(400, 401, 403, 406, 408, 409, 413, 414, 415, 422, 429, 431, 500, 503),
        handle=handle,
    )


def _start(asked: Asked, data: bytes) -> tuple["asyncio.Task[Stored]", "asyncio.Future[tuple[Stored, int]]"]:
    """Work on the batch in a thread of its own, so that reads are answered meanwhile."""
    loop = asyncio.get_running_loop()
    began: asyncio.Future[tuple[Stored, int]] = loop.create_future()
    dry_run = asked.query.dry_run == "true"
    assert asked.key is not None, "publishing needs a key"
    order = Order(
        key_id=asked.key.key_id,
        publisher=asked.key.label,
        idempotency_key=asked.headers.idempotency_key,
        payload_hash=hashlib.sha256(data + (b"\1" if dry_run else b"\0")).digest(),
        dry_run=dry_run,
    )

    def begun(one: Stored, rows: int) -> None:
        loop.call_soon_threadsafe(began.set_result, (one, rows))

    url = str(asked.settings.write_url)
    work = submit(url, order, data, tuple(asked.kinds), begun)
    return asyncio.create_task(asyncio.to_thread(asyncio.run, work)), began


def _ended(one: Stored) -> Done:
    """The answer to a batch that has ended. Errors: BadBatch if it was rejected, now or the first time."""
    if one.status == "rejected":
        said = outcome(one)
        raise BadBatch(f"{said.detail}; see `/v1/submissions/{one.id}`.", said.faults)
    return Done(status=200, data=_shown(one), location=f"/v1/submissions/{one.id}")


def _read() -> Write:
    async def handle(asked: Asked) -> Done:
        assert asked.key is not None, "publishing needs a key"
        connection = await connect(str(asked.settings.write_url), PUBLISHER)
        try:
            return Done(status=200, data=_shown(await submissions.read(connection, asked.key.key_id, asked.path.id)))
        finally:
            await connection.close()

    return Write(
        id="read_submission",
        method="GET",
        path="/v1/submissions/{id}",
        tag="Submissions",
        summary="What became of a batch",
        description="A batch that this key handed in. Those of other keys are not found.",
        role="publisher",
        params=SubmissionPath,
        data=Submission,
        answers={200: "The submission"},
        refusals=(400, 401, 403, 404, 406, 414, 429, 431, 500, 503),
        handle=handle,
    )


def _shown(one: Stored) -> Submission:
    said = outcome(one) if one.answer is not None else Outcome()
    report: Any = said.report
    return Submission(
        id=one.id,
        status=msgspec.convert(
            one.status, Literal["running", "published", "unchanged", "checked", "rejected", "interrupted"]
        ),
        dry_run=one.dry_run,
        received_at=one.received_at,
        finished_at=one.finished_at,
        edition=one.edition,
        rows=report.rows if report else None,
        companies=report.companies if report else None,
        counts=report.counts if report else {},
        results=[SubmittedRow(**msgspec.structs.asdict(row)) for row in said.results],
        errors=items(said.faults),
    )
