"""What a representation is made from: an answer, what it rests on, how to cite it, and the columns of its rows."""

import functools
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from almanac.kind import Kind
from almanac.web.address import Address
from almanac.web.citation import Citation, sources
from almanac.web.flat import Cells, cells, decode
from almanac.web.operation import Answer, Operation, ReadMeta


class Rendered(Struct, frozen=True, kw_only=True, dict=True):
    """An answer on its way into bytes."""

    operation: Operation
    kinds: Sequence[Kind]
    answer: Answer
    meta: ReadMeta
    citation: Citation
    address: Address
    whole: bool

    @property
    def cells(self) -> tuple[Cells, ...]:
        """Columns of the rows."""
        return cells(self.operation.row, self.kinds)

    @functools.cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The rows, decoded."""
        assert self.answer.rows is not None, "a table is made of rows"
        return [decode(row) for row in self.answer.rows]

    @functools.cached_property
    def sources(self) -> list[dict[str, Any]]:
        """The documents behind the rows, each once, in the order of the rows."""
        assert self.answer.rows is not None, "a table is made of rows"
        return sources(self.answer.rows)
