"""The change feed: every version in order of commit, by a number without holes."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, UnsetType

from almanac.kind import Kind
from almanac.model import CompanyRef, KindName, Op
from almanac.web.kinds import require_company
from almanac.web.operation import Answer, AnyVersion, Call, Listed, Operation, given


class FeedQuery(Listed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to go on, and what to leave out."""

    default_limit: ClassVar[int] = 100

    after: Annotated[
        int,
        Meta(
            ge=0,
            le=9_007_199_254_740_991,
            description="Only changes after this `seq`; 0 starts at the beginning.",
            examples=[1000],
        ),
    ] = 0
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
                "`meta.up_to_date`; nothing is skipped or repeated."
            ),
            query=FeedQuery,
            data=list[AnyVersion],
            handle=_handle,
        )
    ]


async def _handle(call: Call) -> Answer:
    query = call.query
    filters = (given(query.kind), given(query.company), given(query.op))
    rows = await call.database.fetch("changes/feed", *call.time, query.after, call.limit + 1, *filters)
    if not rows and query.company is not UNSET:
        await require_company(call, query.company)
    shown = rows[: call.limit]
    more = len(rows) > len(shown)
    return Answer(
        rows=[row["body"] for row in shown],
        anchor=shown[-1]["seq"] if more else max(query.after, call.at.last_seq),
        more=more,
    )
