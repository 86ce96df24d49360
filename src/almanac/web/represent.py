"""Representations of an answer, chosen by suffix or `Accept`. Another one is a function and a line in `REPRESENTATIONS`."""

import functools
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from almanac.errors import Fault, NotAcceptable
from almanac.model import encode
from almanac.web import citation, delimited, sheets, table_metadata
from almanac.web.accept import ranges
from almanac.web.operation import Operation
from almanac.web.rendered import Rendered


class Representation(Struct, frozen=True, kw_only=True):
    """How an answer becomes bytes. `tabular` ones are made of rows, and of the whole list unless a page is asked for.

    `shape` is what the contract says of them (JSON Schema); that of JSON is the operation's own. `packed` ones gain nothing
    from a content coding.
    """

    name: str
    suffix: str
    content_type: str
    about: str
    write: Callable[[Rendered], bytes]
    shape: Mapping[str, Any] = MappingProxyType({})
    tabular: bool = False
    saved: bool = False
    packed: bool = False

    @property
    def media_type(self) -> str:
        """The media type without parameters."""
        return self.content_type.partition(";")[0]


def _json(rendered: Rendered) -> bytes:
    answer = rendered.answer
    data = b"[" + b",".join(answer.rows) + b"]" if answer.rows is not None else answer.one
    assert data is not None, "an answer has rows or one object"
    return b'{"data":' + data + b',"meta":' + encode(rendered.meta) + b"}"


def _lines(rendered: Rendered) -> bytes:
    assert rendered.answer.rows is not None, "lines are made of rows"
    return b"".join(row + b"\n" for row in rendered.answer.rows)


JSON = Representation(
    name="Json", suffix=".json", content_type="application/json", about="Data and `meta`.", write=_json
)
CSV = Representation(
    name="Csv",
    suffix=".csv",
    content_type="text/csv; header=present; charset=utf-8",
    about="One row each, one header row (RFC 4180); objects inside a row are spread over columns.",
    write=delimited.write,
    shape={"type": "string", "pattern": r"^\ufeff?[a-z0-9_]+(,[a-z0-9_]+)*\r\n"},
    tabular=True,
    saved=True,
)
REPRESENTATIONS = (
    JSON,
    CSV,
    Representation(
        name="Ndjson",
        suffix=".ndjson",
        content_type="application/x-ndjson",
        about="One JSON object a line, each with the bytes that `data` has.",
        write=_lines,
        shape={"type": "string", "pattern": r"^(\{.*\}\n)*$"},
        tabular=True,
    ),
    Representation(
        name="Xlsx",
        suffix=".xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        about="A workbook: the rows, what each column means, how to cite.",
        write=sheets.write,
        shape={"contentMediaType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        tabular=True,
        saved=True,
        packed=True,
    ),
    Representation(
        name="TableMetadata",
        suffix=".metadata.json",
        content_type="application/vnd.datapackage+json",
        about="Columns, units, sources, licence and citation of the CSV, as a Frictionless Data Package.",
        write=table_metadata.write,
        shape={"type": "object"},
        tabular=True,
    ),
    Representation(
        name="BibTex",
        suffix=".bib",
        content_type="application/x-bibtex",
        about="How to cite the answer, as BibTeX.",
        write=lambda rendered: citation.bibtex(rendered.citation),
        shape={"type": "string", "pattern": "^@misc", "maxLength": 131_072},
    ),
    Representation(
        name="Ris",
        suffix=".ris",
        content_type="application/x-research-info-systems",
        about="How to cite the answer, as RIS.",
        write=lambda rendered: citation.ris(rendered.citation),
        shape={"type": "string", "pattern": "^TY  - DATA", "maxLength": 131_072},
    ),
    Representation(
        name="CslJson",
        suffix=".csl.json",
        content_type="application/vnd.citationstyles.csl+json",
        about="How to cite the answer, as CSL-JSON.",
        write=lambda rendered: citation.csl_json(rendered.citation),
        shape={"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": 1},
    ),
)


SUFFIXES = tuple(sorted((one.suffix for one in REPRESENTATIONS), key=len, reverse=True))
"""Every suffix, the longest first, so that none hides in another."""


def offered(operation: Operation) -> list[Representation]:
    """The forms that an operation's answer comes in; JSON first."""
    return [one for one in REPRESENTATIONS if not one.tabular or operation.row is not None]


def choose(operation: Operation, suffix: str, accept: str | None) -> Representation:
    """The form that a suffix names, or else that an `Accept` header prefers (RFC 9110 12.5.1).

    Errors: NotAcceptable if there is none, with those on offer.
    """
    forms = offered(operation)
    if suffix:
        found = next((one for one in forms if one.suffix == suffix), None)
        if found is None:
            fault = Fault(detail="is no form of this answer", value=suffix, allowed=[one.suffix for one in forms])
            raise NotAcceptable(f"This answer does not come as `{suffix}`.", [fault])
        return found
    return preferred(forms, accept)


def preferred(forms: Sequence[Representation], accept: str | None) -> Representation:
    """The form that an `Accept` header prefers; the first without one. Errors: NotAcceptable if it takes none."""
    if not accept:
        return forms[0]
    best = _most_wanted(tuple(one.media_type for one in forms), accept)
    if best is None:
        fault = Fault(
            parameter="Accept",
            value=accept[:200],
            detail="fits nothing on offer",
            allowed=[one.media_type for one in forms],
        )
        raise NotAcceptable("No representation on offer is acceptable.", [fault])
    return forms[best]


@functools.lru_cache(maxsize=256)
def _most_wanted(media_types: Sequence[str], accept: str) -> int | None:
    """Place of the media type that an `Accept` header wants most, the first of equals; None if it wants none."""
    wanted = [quality(one, accept) for one in media_types]
    return wanted.index(max(wanted)) if max(wanted) > 0 else None


def quality(media_type: str, accept: str) -> float:
    """How much an `Accept` header wants a media type, from 0 to 1; 0 without one."""
    asked = ranges(accept)
    wanted = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    return next((asked[name] for name in wanted if name in asked), 0.0)
