"""Company lines: what a row brings that is not known of its company yet. Its slug stays; names and identifiers add up."""

import datetime as dt

import msgspec
from msgspec import Struct

from almanac.company import check
from almanac.importers.evidence import SURE, Candidate, Claim, Known, alike
from almanac.importers.identity import Index, Match
from almanac.importers.report import Notes
from almanac.importers.review import claim_id
from almanac.names import fold
from almanac.publish.batch import Classification, CompanyLine, Identifier, Name

# For review is a match below the first score, and one that has a rival as near to it as the second; from the third on, more
# speaks for a company than against it.
_PLAIN, _NEAR, _EVEN = 0.85, 0.2, 0.6


class Row(Struct, frozen=True, kw_only=True):
    """Where a claim stands, with the classes that its row gives; `columns` names the places of lei and isin.

    `relocates`: the publisher's word on the country of a company that is known counts.
    """

    number: int
    claim: Claim
    classes: tuple[tuple[str, str], ...]
    columns: dict[str, str]
    notes: Notes
    relocates: bool = True


def settle(row: Row, index: Index, released: dt.date, match: Match | None = None) -> tuple[str, CompanyLine | None]:
    """The company of a row, and its line if anything is new. The index learns it; doubts go into the report.

    `match` is given where the claim was found in other words than the row's.
    """
    match = match or index.match(row.claim, row.classes)
    if match.company is None:
        line = _new(row, match, index)
    else:
        known = index.companies[match.company]
        _tell(row, match, known)
        # The register's own later word on a name or country counts; one that it said before must not undo it.
        current = released >= index.newest.get(known.id, released)
        line = _news(row, match, known, current=current)
    company = match.company or (line.id if line else "")
    if line is not None:
        index.learn(line)
    _judge(row, company, index)
    return company, line


def _new(row: Row, match: Match, index: Index) -> CompanyLine:
    slug = index.free_slug(row.claim)
    if match.candidates:
        _doubt(row, slug, match)
        others = ", ".join(map(_shown, match.candidates))
        row.notes.add("ambiguous", row.number, f"a new company {slug}; it might be {others}", value=row.claim.name)
    return CompanyLine(
        id=slug,
        name=row.claim.name,
        country=row.claim.country,
        identifiers=[Identifier(scheme=scheme, value=value) for scheme, value in _identifiers(row.claim)],
        classes=[Classification(scheme=scheme, code=code) for scheme, code in row.classes],
    )


def _tell(row: Row, match: Match, known: Known) -> None:
    if match.how == "decision":
        row.notes.add("matched", row.number, f"{known.id}, as decided", value=row.claim.name)
    if match.score == 1:
        return
    unlike = not any(alike(row.claim.name, name) for name in known.names)
    rivals = [one for one in match.candidates if one.score >= max(_EVEN, match.score - _NEAR)]
    if unlike or rivals or match.score < _PLAIN:
        _doubt(row, known.id, match)
    how = f"by its {match.how}{', though the names differ' if unlike else ''}; score {match.score}"
    also = f"; it might be {', '.join(map(_shown, rivals))}" if rivals else ""
    row.notes.add("matched", row.number, f"found as {known.id} {how}{also}", value=row.claim.name)


def _doubt(row: Row, settled: str, match: Match) -> None:
    """Note a row for review. A merge is proposed where more speaks for it than against."""
    row.notes.doubt(
        settled=settled,
        how=match.how,
        score=match.score,
        candidates=list(map(_shown, match.candidates)),
        command=_merge(settled, match),
        claim=claim_id(row.claim),
        row=row.number,
        **msgspec.structs.asdict(row.claim),
    )


def _merge(settled: str, match: Match) -> str | None:
    """The command that would put the company of a row and the likeliest other one together."""
    best = next(iter(match.candidates), None)
    if best is None or best.score < (_EVEN if match.company is None else SURE):
        return None
    gone, into = (settled, best.company) if match.company is None else (best.company, settled)
    return f'almanac company merge {gone} {into} --reason "the same company"'


def _shown(one: Candidate) -> str:
    return f"{one.company} ({one.how}, {one.score})"


def _news(row: Row, match: Match, known: Known, *, current: bool) -> CompanyLine | None:
    claim = row.claim
    identifiers = [one for one in _identifiers(claim) if one not in known.identifiers]
    classes = [one for one in row.classes if one not in known.classes]
    # A name that was given up and is used again is news; one that stands beside the name in use is none.
    fresh = known.names.get(claim.name, "former") == "former"
    takes_over = fresh and current and match.how == claim.register and fold(claim.name) != fold(known.name)
    alias = fresh and not takes_over and claim.name not in known.names
    differs = claim.country is not None and claim.country != known.country
    moved = differs and (known.country is None or (current and row.relocates))
    if not (identifiers or classes or takes_over or alias or moved):
        return None
    if takes_over:
        row.notes.add("renamed", row.number, f"{known.id} was named {known.name}", value=claim.name)
    if moved and known.country is not None:
        row.notes.add("relocated", row.number, f"{known.id} was in {known.country}", value=claim.country)
    return CompanyLine(
        id=known.id,
        name=claim.name if takes_over else known.name,
        country=claim.country if moved else known.country,
        names=[Name(name=claim.name)] if alias else [],
        identifiers=[Identifier(scheme=scheme, value=value) for scheme, value in identifiers],
        classes=[Classification(scheme=scheme, code=code) for scheme, code in classes],
    )


def _identifiers(claim: Claim) -> list[tuple[str, str]]:
    given = ((claim.register, claim.number), ("isin", claim.isin), ("lei", claim.lei))
    return [(scheme, value) for scheme, value in given if value is not None]


def _judge(row: Row, company: str, index: Index) -> None:
    for scheme, value in _identifiers(row.claim):
        column = row.columns.get(scheme)
        if check(scheme, value) is False:
            reason = f"fails the check of an {scheme.upper()}; it is kept and marked"
            row.notes.add("failing_identifier", row.number, reason, column, value)
        elif others := [one for one in index.holders(scheme, value) if one != company]:
            reason = f"{company} shares it with {', '.join(others)}; it finds none of them any more"
            row.notes.add("shared_identifier", row.number, reason, column, value)
