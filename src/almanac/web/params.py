"""The wire parser: text of a request into the Struct that also makes the contract. Strict, and it names what is wrong.

Litestar and lax conversion accept `1e1`, `null`, `+2018`, repeats and unknown names; here each is refused.
"""

import contextlib
import datetime as dt
import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Struct, inspect

from almanac.errors import BadParameter, Fault
from almanac.web.nearest import near

S = TypeVar("S", bound=Struct)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_ESCAPES = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_FIRST = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
# A URL has room for thousands; nobody mends more than these at once, and the answer stays small.
_MOST_FAULTS = 50
_LAST = dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC)


def parse_query(shape: type[S], raw: bytes) -> S:
    """The query string as `shape`. Errors: BadParameter with a fault for each parameter that is wrong."""
    pairs: dict[str, str] = {}
    faults: list[Fault] = []
    for part in filter(None, raw.split(b"&")):
        name, equals, value = part.partition(b"=")
        try:
            key, text = _decode(name), _decode(value)
        except ValueError as error:
            faults.append(
                Fault(parameter=name.decode("ascii", "replace")[:100], value=_shown(value), detail=str(error))
            )
            continue
        if key in pairs:
            faults.append(Fault(parameter=key[:100], value=text[:200], detail="is given twice; give it once"))
        elif not equals or not text:
            faults.append(Fault(parameter=key[:100], value="", detail="has no value; leave it out or give one"))
        pairs[key] = text
    return _build(shape, pairs, faults)


def parse_path(shape: type[S], values: Mapping[str, str]) -> S:
    """Path parameters as `shape`. Errors: BadParameter naming the parameter."""
    faults = [
        Fault(parameter=name, value=value[:200], detail="contains a control character")
        for name, value in values.items()
        if _CONTROL.search(value)
    ]
    return _build(shape, values, faults)


def _build(shape: type[S], pairs: Mapping[str, str], faults: list[Fault]) -> S:
    parsers = _parsers(shape)
    bad = {fault.parameter for fault in faults}
    values: dict[str, Any] = {}
    for name, text in pairs.items():
        if name in bad:
            continue
        if name not in parsers:
            faults.append(unknown(name, text, parsers))
            continue
        try:
            values[name] = parsers[name](text)
        except _Refused as refused:
            faults.append(refused.fault(name, text))
    if faults:
        raise wrong(faults)
    fields = _fields(shape)
    missing = [name for name, field in fields.items() if field.required and name not in values]
    if missing:
        lacks = [Fault(parameter=name, detail="is needed") for name in missing]
        raise BadParameter(f"Missing: {', '.join(missing)}.", lacks)
    return shape(**{fields[name].name: value for name, value in values.items()})


@functools.cache  # Every request asks twice; msgspec finds it out anew each time, in 50 us.
def _fields(shape: type[Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """Fields of a shape by the names that callers use."""
    return {field.encode_name: field for field in msgspec.structs.fields(shape)}


class _Refused(Exception):
    def __init__(self, detail: str, allowed: list[str] | None = None, suggestion: str | None = None) -> None:
        super().__init__(detail)
        self._detail, self._allowed, self._suggestion = detail, allowed, suggestion

    def fault(self, name: str, text: str) -> Fault:
        """The fault of the parameter that was refused."""
        return Fault(
            parameter=name,
            value=text[:200],
            detail=self._detail,
            allowed=self._allowed,
            suggestion=self._suggestion,
        )


def unknown(name: str, text: str, names: Mapping[str, Any]) -> Fault:
    """The fault of a name that is none of those there are."""
    return Fault(
        parameter=name[:100],
        value=text[:200],
        detail="is no parameter of this operation",
        allowed=sorted(names),
        suggestion=near(name, names),
    )


def wrong(faults: list[Fault]) -> BadParameter:
    """What these faults are refused with."""
    told = faults[:_MOST_FAULTS]
    named = ", ".join(f"`{fault.parameter}`" for fault in told)
    return BadParameter(f"Wrong: {named}{f' and {more} more' if (more := len(faults) - len(told)) else ''}.", told)


def _decode(part: bytes) -> str:
    if _ESCAPES.search(part):
        raise ValueError("has a % that starts no escape")
    try:
        text = unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("is no UTF-8") from None
    if _CONTROL.search(text):
        raise ValueError("contains a control character")
    return text


def _shown(value: bytes) -> str:
    return value[:200].decode("ascii", "backslashreplace")


@functools.cache
def _parsers(shape: type[Struct]) -> dict[str, Callable[[str], Any]]:
    return {field.encode_name: _parser(field.type) for field in msgspec.structs.fields(shape)}


def _parser(annotation: Any) -> Callable[[str], Any]:
    """Parser of one parameter: the text's grammar, then msgspec's constraints on the value, strictly."""
    info: Any = inspect.type_info(annotation)
    kind: Any = getattr(info, "type", info)  # a Metadata wraps the type that it constrains
    read = _READERS.get(kind.__class__, _text)
    allowed = [str(value) for value in kind.values] if isinstance(kind, inspect.LiteralType) else None

    def parse(text: str) -> Any:
        value = read(text)
        try:
            return msgspec.convert(value, annotation)
        except msgspec.ValidationError:
            raise _Refused(*_meant(annotation, text, allowed)) from None

    return parse


def _meant(annotation: Any, text: str, allowed: list[str] | None) -> tuple[str, list[str] | None, str | None]:
    """What is allowed, in the words of the contract."""
    schema = msgspec.json.schema(annotation)
    low, high = schema.get("minimum"), schema.get("maximum")
    if allowed is not None:
        return "is none of the allowed values", allowed, near(text, allowed)
    if low is not None and high is not None:
        return f"lies outside {low} to {high}", [f"{low} to {high}"], None
    examples = [str(one) for one in schema.get("examples", [])]
    such = f", such as {' or '.join(examples)}" if examples else ""
    about = f"{such}. {schema.get('description', '')}".strip()
    if len(text) > (longest := schema.get("maxLength", len(text))):
        return f"is longer than {longest} characters{about}", None, None
    told = f"has not the form that is wanted{about}"
    return told, None, _spelt(annotation, text)


def _spelt(annotation: Any, text: str) -> str | None:
    """The text as it may have been meant: in small or capital letters, or as a slug."""
    # An identifier is no name: a slug made of one would be of nobody.
    slugs = [] if ":" in text else [_NO_SLUG.sub("-", text.lower()).strip("-")]
    for tried in (text.lower(), text.upper(), *slugs):
        with contextlib.suppress(msgspec.ValidationError):
            return str(msgspec.convert(tried, annotation))
    return None


def _text(text: str) -> str:
    return text


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        if text.isascii() and text.isdigit() and text[0] != "0":
            raise _Refused("is a whole number of more digits than are taken")
        raise _Refused("is no whole number such as 2022")
    return int(text)


def _date(text: str) -> dt.date:
    if not _DATE.fullmatch(text):
        raise _Refused("is no date such as 2023-09-01")
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise _Refused(f"is no date: {error}") from None


def _instant(text: str) -> dt.datetime:
    if not _INSTANT.fullmatch(text):
        hint = "; in a URL + is written %2B" if " " in text else ""
        raise _Refused(f"is no instant such as 2026-01-31T12:00:00Z (RFC 3339, with offset){hint}")
    try:
        instant = msgspec.convert(text.upper(), dt.datetime)
    except msgspec.ValidationError:
        raise _Refused("is no instant that exists") from None
    try:
        return instant.astimezone(dt.UTC)
    except OverflowError:  # beyond the calendar in UTC; as a bound the calendar's end means the same
        return _LAST if instant.year > 5000 else _FIRST


_READERS: dict[type, Callable[[str], Any]] = {
    inspect.IntType: _integer,
    inspect.DateType: _date,
    inspect.DateTimeType: _instant,
}
