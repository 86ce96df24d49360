"""Did you mean: the name, value or path that exists and comes nearest to what was asked for."""

import difflib
from collections.abc import Iterable
from urllib.parse import quote

from almanac.errors import Fault, NotFound
from almanac.web.represent import SUFFIXES

# What is longer was not mistyped, and comparing takes the square of the length.
_LONGEST = 200
_NEAR = 0.6


def near(word: str, names: Iterable[str]) -> str | None:
    """The name nearest to a word in spelling; None if none is near."""
    folded = {name.lower(): name for name in names}
    found = difflib.get_close_matches(word.lower(), folded, 1, _NEAR) if len(word) <= _LONGEST else []
    return folded[found[0]] if found else None


def near_path(path: str, templates: Iterable[str]) -> str | None:
    """The path nearest to one that does not exist, with what it names (`zte`) in the place of `{company}`."""
    given = [part for part in path.split("/") if part]
    if len(path) > _LONGEST or not given:
        return None
    found = [
        (_likeness(parts, tried), _filled(parts, tried))
        for parts in (template.split("/")[1:] for template in templates)
        for tried in (given, ["v1", *given])
        if len(parts) == len(tried)
    ]
    likeness, nearest = max(found, default=(0.0, ""))
    return nearest if likeness else None


def no_such_path(path: str, templates: Iterable[str]) -> NotFound:
    """The error of a path that does not exist, with the one that may be meant."""
    known = tuple(templates)
    bare, dot, ending = path.rpartition(".")
    if dot and near_path(bare, known) == bare:
        form = near(f".{ending}", SUFFIXES)
        fault = Fault(
            value=path[:_LONGEST],
            detail=f"ends in no form; `{bare}` is there",
            allowed=[*reversed(SUFFIXES)],
            suggestion=bare + form if form else bare,
        )
        return NotFound("No such form. An answer comes in those that `errors` lists, or as `Accept` says.", [fault])
    fault = Fault(value=path[:_LONGEST], detail="is no path of this service", suggestion=near_path(path, known))
    told = "No such path. `/openapi.json` lists what there is; paths are exact, without trailing or doubled slashes."
    return NotFound(told, [fault])


def _likeness(parts: list[str], given: list[str]) -> float:
    """How much of the fixed parts is alike, from 0 to their number; 0 where one of them is not near."""
    each = [_ratio(part, own.lower()) for part, own in zip(parts, given, strict=True) if not part.startswith("{")]
    return sum(each) if min(each, default=0) >= _NEAR else 0


def _ratio(part: str, own: str) -> float:
    if part == own:
        return 1
    matcher = difflib.SequenceMatcher(None, own, part)
    return matcher.ratio() if matcher.quick_ratio() >= _NEAR else 0


def _filled(parts: list[str], given: list[str]) -> str:
    named = (quote(own, safe=":") if part.startswith("{") else part for part, own in zip(parts, given, strict=True))
    return "/" + "/".join(named)
