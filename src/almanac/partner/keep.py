"""Bring a copy to the newest package of a folder, and prove that it is what the server has."""

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from almanac import digest
from almanac.errors import BadFile
from almanac.partner.copy import Copy, fields
from almanac.partner.folder import CURE, MANIFEST, Progress, described, furthest
from almanac.partner.said import LINES

Json = dict[str, Any]


class Applied(Struct, frozen=True, kw_only=True):
    """What was applied: packages by name, in order, and the edition that the copy holds."""

    edition: int
    packages: list[str]
    lines: int


class Verified(Struct, frozen=True, kw_only=True):
    """What a copy holds, and what of it is not what the server has; `wrong` is empty if it is right."""

    edition: int
    state_digest: str
    lines: int
    wrong: list[str]


def apply(folder: Path, copy: Copy, progress: Progress | None = None) -> Applied:
    """Apply packages until the copy holds the newest edition that they lead to. Errors: BadFile if none leads anywhere."""
    done: list[str] = []
    lines = 0
    while (package := furthest(folder, copy.edition)) is not None:
        manifest = _manifest(folder / package.place / MANIFEST, package.to, whole=not package.since)
        noted = folder / f"expected/{package.to}.json"
        expected = _manifest(noted, package.to, whole=True) if package.since and noted.exists() else manifest
        lines += copy.put(folder / package.place, manifest, expected)
        done.append(package.place)
        if progress:
            progress("packages", len(done), len(done))
    if not copy.edition:
        raise BadFile(f"{folder} holds no package; `almanac bulk pull` brings one")
    return Applied(edition=copy.edition, packages=done, lines=lines)


def _manifest(path: Path, edition: int, *, whole: bool) -> Json:
    """All of a manifest, after it was found to be one: files are opened by the paths in it. `whole`: of a snapshot."""
    said, content = described(path)
    if said.edition != edition:
        raise BadFile(f"{path} is of another edition; {CURE}")
    found: Json = msgspec.json.decode(content)
    if whole and "deltas" not in found:
        # By them it is told apart from a delta, which replaces less and is proved by less.
        raise BadFile(f"{path} is of no snapshot: it has no `deltas`; {CURE}")
    return found


def verify(copy: Copy, progress: Progress | None = None) -> Verified:
    """Prove the copy: each file that it stands for by its digest, all answers together by `state_digest`."""
    expected = copy.manifest
    wrong: list[str] = []
    lines = 0
    resources = [one for one in expected["resources"] if one["mediatype"] == LINES]
    if "deltas" in expected:
        for (table, form), parts in itertools.groupby(resources, key=lambda one: (one["table"], one["form"])):
            found = copy.lines(table, form)
            for part in parts:
                held, sha256 = _content(itertools.islice(found, part["row_count"]))
                lines += held
                if f"sha256:{sha256}" != part["content_hash"]:
                    whole = held == part["row_count"]
                    said = "a line differs" if whole else f"{held} of {part['row_count']} lines are there"
                    wrong.append(f"{part['path']}: {said}")
            if (more := sum(1 for _ in found)) > 0:
                wrong.append(f"{table} {form}: {more} lines too many")
            if progress:
                progress("lines", lines, 0)
    for table, said in fields(resources).items():
        differing = sorted(copy.differing(table, said))
        wrong += [f"{table}: column {column} is not what the lines say" for column in differing]
    state = _state(copy, dict.fromkeys(one["table"] for one in resources))
    if state != expected["state_digest"]:
        wrong.append(f"state_digest: the copy has {state}, the server {expected['state_digest']}")
    return Verified(edition=copy.edition, state_digest=state, lines=lines, wrong=wrong)


def _content(lines: Iterator[bytes]) -> tuple[int, str]:
    found, count = hashlib.sha256(), 0
    for line in lines:
        found.update(line)
        count += 1
    return count, found.hexdigest()


def _state(copy: Copy, tables: dict[str, None]) -> str:
    """The digest of the answers that hold: those of every kind, and those withheld by their digests."""

    def answers() -> Iterator[bytes]:
        for table in tables:
            found = (_answer(table, line) for line in copy.lines(table, "current"))
            yield from (answer for answer in found if answer is not None)

    return digest.text(digest.updated(digest.EMPTY, come=answers()))


def _answer(table: str, line: bytes) -> bytes | None:
    """The digest of the answer that a line is; None if it is of something else. What is no line any more is no such answer."""
    try:
        row = msgspec.json.decode(line, type=Json)
        if table == "withheld":
            return bytes.fromhex(row["sha256"])
    except (KeyError, TypeError, ValueError):
        return hashlib.sha256(line).digest()
    return hashlib.sha256(line[:-1]).digest() if "seq" in row else None
