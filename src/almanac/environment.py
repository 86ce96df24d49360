"""Variables of the environment that a Struct of settings is read from: which there are, and what is wrong with one.

A name that begins with ALMANAC_ and is no setting is refused: a misspelt limit would otherwise be no limit.
"""

import difflib
from collections.abc import Collection, Mapping
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from almanac.errors import Misconfigured

_PREFIX = "ALMANAC_"


class BadSetting(Misconfigured):
    """A setting is unknown, or its value is not what it should be."""


def variable(field: str) -> str:
    """Name of the environment variable of a field."""
    return _PREFIX + field.upper()


def described(settings: type[Struct]) -> dict[str, str]:
    """Say what each variable means."""
    hints = get_type_hints(settings, include_extras=True)
    return {variable(name): _description(hint) for name, hint in hints.items()}


def given(settings: type[Struct], environ: Mapping[str, str]) -> dict[str, Any]:
    """Values of the fields that an environment has, each of its type. Errors: BadSetting names the variable."""
    hints = get_type_hints(settings, include_extras=True)
    values: dict[str, Any] = {}
    for name, text in sorted(environ.items()):
        if not name.startswith(_PREFIX):
            continue
        field = name.removeprefix(_PREFIX).lower()
        if field not in hints or name != variable(field):
            raise BadSetting(f"{name} is no setting{_nearest(name, hints)}; `almanac settings` lists them")
        if text:
            values[field] = _value(name, text, hints[field])
    return values


def _value(name: str, text: str, hint: Any) -> Any:
    try:
        return msgspec.convert(text, hint, strict=False, dec_hook=_text)
    except msgspec.ValidationError as error:
        # A refused secret is never repeated, and no setting with a bound is one.
        raise BadSetting(f"{name}={text!r}: {error}") from None


def _text(kind: type[object], value: Any) -> Any:
    """A value of a type of text that msgspec does not know, such as a secret."""
    if issubclass(kind, str) and isinstance(value, str):
        return kind(value)
    raise NotImplementedError(kind)


def _description(hint: Any) -> str:
    return next(meta.description for meta in hint.__metadata__ if meta.description)


def _nearest(name: str, fields: Collection[str]) -> str:
    near = difflib.get_close_matches(name.upper(), [variable(field) for field in fields], n=1, cutoff=0.6)
    return f", did you mean {near[0]}?" if near else ""
