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
        manifest = _manifest(folder / package.place / MANIFEST, package.to)
        noted = folder / f"expected/{package.to}.json"
        expected = _manifest(noted, package.to) if package.since and noted.exists() else manifest
        lines += copy.put(folder / package.place, manifest, expected)
        done.append(package.place)
        if progress:
            progress("packages", len(done), len(done))
    if not copy.edition:
        raise BadFile(f"{folder} holds no package; `almanac bulk pull` brings one")
    return Applied(edition=copy.edition, packages=done, lines=lines)


def _manifest(path: Path, edition: int) -> Json:
    """All of a manifest, after it was found to be one: files are opened by the paths in it."""
    said, content = described(path)
    if said.edition != edition:
        raise BadFile(f"{path} is of another edition; {CURE}")
    return msgspec.json.decode(content)


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
            for line in copy.lines(table, "current"):
                row = msgspec.json.decode(line)
                if table == "withheld":
                    yield bytes.fromhex(row["sha256"])
                elif "seq" in row:
                    yield hashlib.sha256(line[:-1]).digest()

    return digest.text(digest.updated(digest.EMPTY, come=answers()))
