"""How to cite an answer: as a sentence, as BibTeX, as RIS (Reference Manager) and as CSL-JSON (Citation Style Language 1.0.2)."""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from almanac.kind import Kind
from almanac.model import encode
from almanac.web.address import Address, encoded
from almanac.web.flat import decode
from almanac.web.operation import Answer, Operation

_PUBLISHER = "Almanac"
_split = msgspec.json.Decoder(dict[str, Raw]).decode
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


class _Row:
    """A row as served, of which only what a citation says is decoded: to decode all of it took a tenth of an answer's time."""

    def __init__(self, row: bytes) -> None:
        self._parts: dict[str, Raw] = _split(row)

    def get(self, name: str) -> Any:
        """A member; None if there is none."""
        part = self._parts.get(name)
        return None if part is None else decode(part)

    def __getitem__(self, name: str) -> Any:
        return decode(self._parts[name])

    def sources(self) -> list[dict[str, Any]]:
        """The documents that it names: its own, or those of the versions in it; a document is its own."""
        parts = self._parts
        if "publisher" in parts and "published_on" in parts:
            return [{name: decode(part) for name, part in parts.items()}]
        found = [parts, *(_split(part) for part in parts.values() if _is_object(part))]
        return [decode(one["source"]) for one in found if "source" in one and _is_object(one["source"])]


def _is_object(part: Raw) -> bool:
    return bytes(part).startswith(b"{")


def sources(rows: Sequence[bytes]) -> list[dict[str, Any]]:
    """The documents that rows name, each once, in the order of the rows."""
    return list({source["id"]: source for row in rows for source in _Row(row).sources()}.values())


def cite(operation: Operation, answer: Answer, address: Address, kinds: Sequence[Kind]) -> Citation:
    """The citation of an answer: what it is about, the documents, the edition and date, and where it stands for ever."""
    rows = (answer.one,) if answer.one is not None else answer.rows or ()
    first = _Row(rows[0]) if rows else None
    published = address.at.published_at
    return Citation(
        title=_title(operation, answer, first, address, kinds),
        based_on=_based_on(first, rows),
        edition=address.at.edition,
        published_on=published.date() if published else None,
        known_on=address.at.known_on,
        url=address.cited(),
    )


def _title(operation: Operation, answer: Answer, first: _Row | None, address: Address, kinds: Sequence[Kind]) -> str:
    named = None
    if first is None:
        pass
    elif answer.one is None:  # rows that stand for one object are about it
        named = first["company_name"] if operation.table else None
    elif (company := first.get("company_name")) is not None and (kind := _kind(first, kinds)):
        question = " ".join(str(value) for key in kind.key if (value := first.get(key)) is not None)
        return f"{company}: {kind.title}, {question}, version {first['version']}"
    else:
        named = first.get("name") or first.get("title")
    if isinstance(named, str) and named:
        return named
    asked = {name: value for name, value in address.values.items() if name not in _NOT_THE_QUESTION}
    where = address.path.removeprefix("/v1/")
    # Escaped, as in the URL: what a caller wrote is never said as text of ours.
    told = f"{where}?{encoded(asked)}" if asked else where
    return f"{operation.summary} ({told})"


def _kind(row: _Row, kinds: Sequence[Kind]) -> Kind | None:
    name = row.get("kind")
    return next((kind for kind in kinds if kind.name == name), None)


_NOT_THE_QUESTION = frozenset(("edition", "as_of", "known_on", "cursor", "limit", "bom"))


def _based_on(first: _Row | None, rows: Sequence[bytes]) -> str | None:
    """The documents by name; of a long list, or of many documents, only that each row has its own."""
    if first is None:
        return None
    named = _NAMED if len(rows) <= _LOOKED_AT else 0
    found = {source["id"]: source for source in first.sources()}
    for row in rows[1:_LOOKED_AT]:
        if len(found) > named:
            break
        found |= {source["id"]: source for source in _Row(row).sources()}
    if not found:
        return None
    if len(found) > named:
        return "the documents that each row names"
    page = f", p. {number}" if len(rows) == 1 and (number := first.get("page")) else ""
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
