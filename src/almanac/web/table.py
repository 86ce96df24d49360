"""The table of operations: every read of the API, over the kinds that there are, and every write."""

from collections.abc import Sequence

from almanac.kind import Kind
from almanac.web import (
    across,
    companies,
    company_changes,
    emission_deltas,
    exports,
    feed,
    kinds,
    progress,
    raw,
    reference,
    submissions,
    versions,
)
from almanac.web.operation import Operation, Write


def operations(of: Sequence[Kind]) -> list[Operation]:
    """Every read, in the order of the contract."""
    parts = (companies, company_changes, kinds, emission_deltas, progress, across, versions, raw, reference, feed)
    return [operation for part in parts for operation in part.operations(of)]


def writes(of: Sequence[Kind]) -> list[Write]:
    """Every operation that changes something or reads what is of one caller, in the order of the contract."""
    return [*exports.writes(of), *submissions.writes()]
