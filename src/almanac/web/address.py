"""Where an answer stands: its URL as asked, the link that gives it for ever, the one after it."""

import functools
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec
from msgspec import UNSET, Struct

from almanac.store.editions import At

_TIMES = ("edition", "as_of", "known_on")
# Every answer says its URL in several places, mostly in words that others used before; longer ones are somebody's own.
_SHORT = 64
_quoted = functools.lru_cache(4096)(quote_plus)


class Address(Struct, frozen=True, kw_only=True, dict=True):
    """The place of one answer. `origin` is the public address of the service, empty where none was set."""

    origin: str
    path: str
    suffix: str
    values: Mapping[str, str]
    at: At

    @property
    def asked(self) -> str:
        """The URL as asked, without what only repeats a default."""
        return _url(self.path + self.suffix, self.values)

    def following(self, parameter: str, place: str) -> str:
        """The URL of the next page: the same, from a place on."""
        return _url(self.path + self.suffix, {**self.values, parameter: place})

    def permalink(self, suffix: str | None = None) -> str:
        """The URL that gives this answer for ever, in this form or another."""
        if suffix is None:
            return f"{self.path}{self.suffix}?{self._pinned}"
        query = self._pinned if "bom" not in self.values else encoded(self._pins("bom"))
        return f"{self.path}{suffix}?{query}"

    @functools.cached_property
    def _pinned(self) -> str:
        return encoded(self._pins())

    def _pins(self, *but: str) -> dict[str, str]:
        pins = {"edition": str(self.at.edition)} | ({"known_on": str(self.at.known_on)} if self.at.known_on else {})
        return pins | {name: value for name, value in self.values.items() if name not in (*_TIMES, *but)}

    def cited(self, suffix: str = "") -> str:
        """The permalink as it stands in a citation: absolute where the service knows its public address."""
        return self.origin + self.permalink(suffix)

    @property
    def name(self) -> str:
        """A name for a file of the answer, without suffix."""
        place = self.path.removeprefix("/v1/").replace("/", "-").replace(":", "-")
        return f"almanac-{place}-edition-{self.at.edition}"


def path_of(template: str, params: Struct) -> str:
    """The path of an operation with its parameters filled in."""
    for name in params.__struct_fields__:
        template = template.replace("{" + name + "}", quote(str(getattr(params, name)), safe=":"))
    return template


def given(query: Struct) -> dict[str, str]:
    """Parameters that were given and are no default, as text, in the order of the contract."""
    pairs = zip(query.__struct_encode_fields__, (getattr(query, f) for f in query.__struct_fields__), strict=True)
    defaults = query.__struct_defaults__
    names = query.__struct_encode_fields__[len(query.__struct_fields__) - len(defaults) :]
    default: dict[str, Any] = dict(zip(names, defaults, strict=True))
    return {
        name: str(msgspec.to_builtins(value))
        for name, value in pairs
        if value is not UNSET and value != default.get(name)
    }


def encoded(values: Mapping[str, str]) -> str:
    """Parameters as they stand in a URL; no name of ours needs quoting."""
    return "&".join(
        f"{name}={_quoted(value) if len(value) <= _SHORT else quote_plus(value)}" for name, value in values.items()
    )


def _url(path: str, values: Mapping[str, str]) -> str:
    return f"{path}?{encoded(values)}" if values else path
