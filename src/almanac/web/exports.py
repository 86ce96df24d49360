"""Exports: a list, complete, as a file. Ordered and asked about here; made elsewhere, by `almanac bulk exports`."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from almanac.errors import AnswerTooLarge, Fault, Moved, NotFound, TooSlow, Unauthorized
from almanac.kind import Kind
from almanac.store.editions import At
from almanac.store.exports import Order, Stored, Wanted
from almanac.web.body import read
from almanac.web.export_shapes import Export, ExportHeaders, ExportPath, shown
from almanac.web.exported import MOST_SHEET_ROWS, Request, body_of, listing, understood, wanted
from almanac.web.kinds import filters_of
from almanac.web.operation import Asked, Body, Call, Done, Write, given
from almanac.web.reading import resolved

MEDIA_TYPE = "application/json"
PATH = "/v1/exports"

_MOST_BYTES = 16_384
_SMALL_ROWS = 10_000
_MOST_WAITING = 16
_LOOK_S = 0.1
_RETRY_S = "2"
_EXAMPLE = {"kind": "emissions", "filters": {"metric": "ghg.scope1", "year": 2022}, "format": "csv.gz"}


def writes(kinds: Sequence[Kind]) -> list[Write]:
    """Order an export; ask what became of it; cancel it."""
    return [_create(kinds), _read(), _cancel()]


def _create(kinds: Sequence[Kind]) -> Write:
    waiting: set[str] = set()

    async def handle(asked: Asked) -> Done:
        timeout_s = asked.settings.submission_timeout_ms / 1000
        data = await read(asked.body, _MOST_BYTES, timeout_s)
        request = understood(data, asked.kinds)
        order, held = await _ordered(asked, request)
        one = held or await asked.desk.take(order)
        prefers = _prefers_async(asked.headers.prefer)
        small = one.rows_total is not None and one.rows_total <= _SMALL_ROWS
        if small and not prefers and len(waiting) < _MOST_WAITING:
            one = await _awaited(asked, one, waiting)
        over = one.status not in ("queued", "running")
        said = [("Preference-Applied", "respond-async" if prefers else ""), ("Retry-After", "" if over else _RETRY_S)]
        return Done(
            status=200 if over else 202, data=shown(one, asked.kinds), location=f"{PATH}/{one.id}", headers=said
        )

    return Write(
        id="create_export",
        method="POST",
        path=PATH,
        tag="Exports",
        summary="Order a list as a file",
        description=(
            "The whole list of a kind, narrowed as in its URL, at one edition: the newest unless another is named. A small one "
            "may be answered when it is made (200); otherwise 202, and `Location` leads to what becomes of it. Equal orders "
            "share one file. Large ones need a key."
        ),
        role=None,
        headers=ExportHeaders,
        body=Body(
            media_type=MEDIA_TYPE,
            description="Which list, how narrowed, in which format.",
            example=_EXAMPLE,
            shapes={kind.name: body_of(kind) for kind in kinds},
            tag="kind",
            encodings=("identity",),
        ),
        data=Export,
        answers={200: "The export has ended", 202: "The export is to be made; `Location` tells what becomes of it"},
        refusals=(400, 401, 404, 406, 408, 409, 413, 414, 415, 429, 431, 500, 503),
        handle=handle,
        headers_of={200: ["Preference-Applied"], 202: ["Preference-Applied", "Retry-After"]},
    )


async def _ordered(asked: Asked, request: Request) -> tuple[Order, Stored | None]:
    """The order that a request makes, or the export that its idempotency key already stands for."""
    caller = _digest(f"key:{asked.key.key_id}" if asked.key else f"network:{asked.network}")
    name: Any = asked.headers.idempotency_key
    key = None if name is UNSET else _digest(f"{caller.hex()} {name}")
    body = hashlib.sha256(request.said).digest()
    if key is not None and (held := await asked.desk.named(key, body)) is not None:
        return Order(wanted=held.wanted, rows=None, caller=caller, key=key, body=body), held
    at, _ = await resolved(asked.editions, request.query)
    await _is_there(asked, request, at)
    what = wanted(request, at.edition, at.known_on)
    rows = await _counted(asked, request, what)
    _bounded(asked, request, rows)
    return Order(wanted=what, rows=rows, caller=caller, key=key, body=body), None


async def _is_there(asked: Asked, request: Request, at: At) -> None:
    """Errors: those of the list, and NotFound for a company that was merged into another."""
    one = Call(database=asked.database, kinds=asked.kinds, at=at, path=None, query=request.query, after=None, limit=1)
    try:
        await listing(request.kind).handle(one)
    except Moved as moved:
        fault = Fault(
            parameter="company", value=moved.company, detail="was merged into another company", suggestion=moved.into
        )
        raise NotFound(f"{moved.company} was merged into {moved.into}.", [fault]) from None


async def _counted(asked: Asked, request: Request, what: Wanted) -> int | None:
    """Rows of the list; None if counting takes longer than a query may."""
    known = await asked.desk.counted(what.job_id)
    if known is not None:
        return known
    own = filters_of(request.kind, request.query)
    company, kind = given(request.query.company), request.kind
    try:
        return await asked.database.count(f"{kind.stem}/list", what.edition, what.known_on, company, None, None, *own)
    except TooSlow:
        return None


def _bounded(asked: Asked, request: Request, rows: int | None) -> None:
    """Errors: AnswerTooLarge for a spreadsheet of too many rows; Unauthorized for a large list without a key."""
    if request.format == "xlsx" and rows is not None and rows > MOST_SHEET_ROWS:
        raise AnswerTooLarge(too_many_for_a_sheet(rows))
    most = asked.settings.export_free_rows
    if asked.key is None and (rows is None or rows > most):
        count = "so many rows that they cannot be counted at once" if rows is None else f"{rows} rows"
        raise Unauthorized(f"The list has {count}; an export of more than {most} needs a key. Narrow it, or give one.")


def too_many_for_a_sheet(rows: int) -> str:
    """What an export as a spreadsheet is refused with."""
    return f"The list has {rows} rows; a spreadsheet takes {MOST_SHEET_ROWS}. Narrow it, or take another format."


async def _awaited(asked: Asked, one: Stored, waiting: set[str]) -> Stored:
    """The export as it is when it has ended, or after a while."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + asked.settings.export_wait_ms / 1000
    waiting.add(one.id)
    try:
        while one.status in ("queued", "running") and loop.time() < deadline:
            await asyncio.sleep(_LOOK_S)
            one = await asked.desk.read(one.id)
    finally:
        waiting.discard(one.id)
    return one


def _read() -> Write:
    async def handle(asked: Asked) -> Done:
        one = await asked.desk.read(asked.path.id)
        over = one.status not in ("queued", "running")
        return Done(status=200, data=shown(one, asked.kinds), headers=[("Retry-After", "" if over else _RETRY_S)])

    return Write(
        id="read_export",
        method="GET",
        path=f"{PATH}/{{id}}",
        tag="Exports",
        summary="What became of an export",
        description="How far an export has come, and its file when it is made. Ask again after `Retry-After`.",
        role=None,
        params=ExportPath,
        data=Export,
        answers={200: "The export"},
        refusals=(400, 401, 404, 406, 414, 429, 431, 500, 503),
        handle=handle,
        headers_of={200: ["Retry-After"]},
    )


def _cancel() -> Write:
    async def handle(asked: Asked) -> Done:
        await asked.desk.cancel(asked.path.id)
        return Done(status=204, data=None)

    return Write(
        id="cancel_export",
        method="DELETE",
        path=f"{PATH}/{{id}}",
        tag="Exports",
        summary="Cancel an export",
        description=(
            "It is wanted no more, and is gone (404). Others who ordered the same keep theirs. The file goes when nobody wants "
            "it."
        ),
        role=None,
        params=ExportPath,
        data=Export,
        answers={204: "The export is cancelled"},
        refusals=(400, 401, 404, 406, 414, 429, 431, 500, 503),
        handle=handle,
    )


def _prefers_async(header: Any) -> bool:
    """Whether `Prefer` holds `respond-async` (RFC 7240), which takes no value."""
    return header is not UNSET and any(
        one.partition(";")[0].strip().lower() == "respond-async" for one in header.split(",")
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
