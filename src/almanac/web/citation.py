"""How to cite an answer: as a sentence, as BibTeX, as RIS (Reference Manager) and as CSL-JSON (Citation Style Language 1.0.2)."""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

from msgspec import Struct

from almanac.kind import Kind
from almanac.model import encode
from almanac.web.address import Address
from almanac.web.flat import decode
from almanac.web.operation import Answer, Operation

_PUBLISHER = "Almanac"
# More documents than a sentence holds, and more rows than are read for it.
_NAMED = 3
_LOOKED_AT = 100
_BIBTEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{mark: f"\\{mark}" for mark in "$&#_%"},
}


class Citation(Struct, frozen=True, kw_only=True):
    """What a citation of an answer says. `based_on` names the documents that it comes from, or says where they are named."""

    title: str
    based_on: str | None
    edition: int
    published_on: dt.date | None
    known_on: dt.date | None
    url: str

    @property
    def key(self) -> str:
        """A name for bibliographies: words of the title, the edition, and what tells it from others with the same words."""
        words = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")[:40].rstrip("-")
        return f"almanac-{words}-{self.edition}-{hashlib.sha256(self.url.encode()).hexdigest()[:8]}"

    @property
    def version(self) -> str:
        """Edition and date, which together fix what the answer says."""
        return f"edition {self.edition}" + (f", known on {self.known_on}" if self.known_on else "")

    @property
    def text(self) -> str:
        """The citation as a sentence."""
        based = f" Based on: {self.based_on}." if self.based_on else ""
        published = f", published {self.published_on}" if self.published_on else ""
        known = f", known on {self.known_on}" if self.known_on else ""
        return f"{self.title}.{based} In: {_PUBLISHER}, edition {self.edition}{published}{known}. {self.url}"


def cite(operation: Operation, answer: Answer, address: Address, kinds: Sequence[Kind]) -> Citation:
    """The citation of an answer: what it is about, the documents, the edition and date, and where it stands for ever."""
    one: Any = decode(answer.one) if answer.one is not None else {}
    rows = [decode(row) for row in answer.rows[:1]] if answer.rows is not None else [one]
    published = address.at.published_at
    return Citation(
        title=_title(operation, one or _subject(operation, rows), address, kinds),
        based_on=_based_on(rows, answer.rows or ()),
        edition=address.at.edition,
        published_on=published.date() if published else None,
        known_on=address.at.known_on,
        url=address.cited(),
    )


def _title(operation: Operation, one: Mapping[str, Any], address: Address, kinds: Sequence[Kind]) -> str:
    kind = next((kind for kind in kinds if kind.name == one.get("kind")), None)
    if kind is not None and "company_name" in one:
        question = " ".join(str(one[name]) for name in kind.key if one.get(name) is not None)
        return f"{one['company_name']}: {kind.title}, {question}, version {one['version']}"
    named = one.get("name") or one.get("title")
    if isinstance(named, str):
        return named
    asked = {name: value for name, value in address.values.items() if name not in _NOT_THE_QUESTION}
    where = address.path.removeprefix("/v1/")
    # Escaped, as in the URL: what a caller wrote is never said as text of ours.
    told = f"{where}?{urlencode(asked)}" if asked else where
    return f"{operation.summary} ({told})"


_NOT_THE_QUESTION = frozenset(("edition", "as_of", "known_on", "cursor", "limit", "bom"))


def _subject(operation: Operation, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the rows that stand for one object are about."""
    return {"name": rows[0]["company_name"]} if operation.table and rows else {}


def sources(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The documents that a row names: its own, or those of the versions in it; a document is its own."""
    if "publisher" in row and "published_on" in row:
        return [dict(row)]
    found = [row, *(cast("dict[str, Any]", value) for value in row.values() if isinstance(value, dict))]
    return [one["source"] for one in found if isinstance(one.get("source"), dict)]


def _based_on(first: Sequence[Mapping[str, Any]], rows: Sequence[bytes]) -> str | None:
    """The documents by name; of a long list, or of many documents, only that each row has its own."""
    named = _NAMED if len(rows) <= _LOOKED_AT else 0
    found = {source["id"]: source for row in first for source in sources(row)}
    for row in rows[1:_LOOKED_AT]:
        if len(found) > named:
            break
        found |= {source["id"]: source for source in sources(decode(row))}
    if not found:
        return None
    if len(found) > named:
        return "the documents that each row names"
    page = f", p. {first[0]['page']}" if len(rows) <= 1 and first[0].get("page") else ""
    told = [f"{one['title']} ({one['publisher']}, {_published(one)}){page}{_place(one)}" for one in found.values()]
    return "; ".join(told)


def _published(source: Mapping[str, Any]) -> str:
    """The date as exactly as it is known, where the document says how exact that is."""
    digits = {"year": 4, "month": 7}.get(source.get("published_precision", "day"), 10)
    return str(source["published_on"])[:digits]


def _place(source: Mapping[str, Any]) -> str:
    return f", {source['url']}" if source["url"] else ""


def bibtex(citation: Citation) -> bytes:
    """A BibTeX entry."""
    date = citation.published_on
    based = f"Based on: {citation.based_on}" if citation.based_on else None
    fields = {
        "title": "{" + _escaped(citation.title) + "}",
        "author": "{" + _PUBLISHER + "}",
        "year": str(date.year) if date else None,
        "month": str(date.month) if date else None,
        "url": citation.url,
        "version": _escaped(citation.version),
        "note": _escaped(". ".join(filter(None, (citation.version.capitalize(), based)))),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return ("\n".join([f"@misc{{{citation.key},", *lines, "}"]) + "\n").encode()


def ris(citation: Citation) -> bytes:
    """A RIS record."""
    date = citation.published_on
    fields = {
        "TY": "DATA",
        "ID": citation.key,
        "TI": citation.title,
        "AU": _PUBLISHER,
        "PB": _PUBLISHER,
        "PY": str(date.year) if date else None,
        "DA": f"{date:%Y/%m/%d}" if date else None,
        "ET": citation.version,
        "N1": f"Based on: {citation.based_on}" if citation.based_on else None,
        "UR": citation.url,
    }
    lines = [f"{tag}  - {_one_line(value)}" for tag, value in fields.items() if value]
    return "\r\n".join([*lines, "ER  - ", ""]).encode()


def csl_json(citation: Citation) -> bytes:
    """A list of one CSL item."""
    date = citation.published_on
    item: dict[str, Any] = {
        "id": citation.key,
        "type": "dataset",
        "title": citation.title,
        "author": [{"literal": _PUBLISHER}],
        "publisher": _PUBLISHER,
        "version": citation.version,
        "URL": citation.url,
    }
    if date:
        item["issued"] = {"date-parts": [[date.year, date.month, date.day]]}
    if citation.based_on:
        item["note"] = f"Based on: {citation.based_on}"
    return encode([item])


def _escaped(text: str) -> str:
    return "".join(_BIBTEX.get(mark, mark) for mark in _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())
