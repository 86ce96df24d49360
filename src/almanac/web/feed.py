"""The change feed: every version in order of commit, by a number without holes.

A page that is full never changes: seq order is the order of commit, and a version is never rewritten. Where its start also
lies on the grid of its size, all who read from the beginning ask for it, so it rests on the edition of its last change
and not on the newest: the same bytes for ever, from whichever worker. A filter may be answered otherwise later
(a company may be merged), and its pages begin anywhere, so those move like every other answer.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, UnsetType

from almanac.kind import Kind
from almanac.model import CompanyRef, KindName, Op
from almanac.web.kinds import require_company
from almanac.web.operation import Answer, AnyVersion, Call, Listed, Operation, given

Place = Annotated[
    int,
    Meta(
        ge=0,
        le=9_007_199_254_740_991,
        description="Only changes after this `seq`; 0 starts at the beginning. One that is ahead of all changes here is 503.",
        examples=[1000],
    ),
]


class FeedQuery(Listed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to go on, and what to leave out."""

    default_limit: ClassVar[int] = 100

    after: Place = 0
    limit: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=1000,
                description="Most changes on a page: 100 in JSON. Without it, other forms are the whole list.",
                examples=[100],
            ),
        ]
        | UnsetType
    ) = UNSET
    kind: KindName | UnsetType = UNSET
    company: CompanyRef | UnsetType = UNSET
    op: Op | UnsetType = UNSET
    wait: Annotated[
        int,
        Meta(
            ge=0,
            le=30,
            description=(
                "Seconds to wait for a change where there is none yet: the answer comes with the next one that is published, or "
                "empty when the time is over. Not together with `edition` and `as_of`."
            ),
            examples=[30],
        ),
    ] = 0


def operations(_: Sequence[Kind]) -> list[Operation]:
    """The feed."""
    return [
        Operation(
            id="list_changes",
            path="/v1/changes",
            tag="Changes",
            summary="Everything that was published, in order",
            description=(
                "Versions in order of commit after the `seq` you have. Go on with `after` set to `meta.next_after` until "
                "`meta.up_to_date`; nothing is skipped or repeated. A full page whose `after` is a multiple of its `limit` is "
                "`immutable` if it has no filter and no time: it rests on the edition of its last change."
            ),
            query=FeedQuery,
            data=list[AnyVersion],
            handle=_handle,
            settled=_settled,
        )
    ]


def _settled(query: FeedQuery) -> int | None:
    """The last change of a page that lies on the grid; None for what may be answered otherwise later."""
    moving = (query.edition, query.as_of, query.known_on, query.min_edition, query.kind, query.company, query.op)
    limit = query.default_limit if query.limit is UNSET else query.limit
    return None if any(one is not UNSET for one in moving) or query.after % limit else query.after + limit


async def _handle(call: Call) -> Answer:
    query = call.query
    filters = (given(query.kind), given(query.company), given(query.op))
    # Only of a whole list must be known whether more follow: a full page is never said to be the last.
    most = call.limit + 1 if call.whole else call.limit
    rows = await call.database.fetch("changes/feed", *call.time, query.after, most, *filters)
    if not rows and query.company is not UNSET:
        await require_company(call, query.company)
    shown = rows[: call.limit]
    more = len(rows) == most
    return Answer(
        rows=[row["body"] for row in shown],
        anchor=shown[-1]["seq"] if more else max(query.after, call.at.last_seq),
        more=more,
    )
