"""Which company a row is about: known ones by identifier, then by name; what is not sure becomes a company of its own.

What a publisher said of a company once is remembered with the company that it was settled to (a sighting): the same claim is
never settled another way because of what other files brought in between.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct, field

from almanac.company import CompanyHead, check
from almanac.importers.slugs import slug
from almanac.names import fold
from almanac.publish.again import Question
from almanac.publish.batch import CompanyLine, Sighting
from almanac.store.db import Connection
from almanac.store.queries import QUERIES


class Span(Struct, frozen=True):
    """Dates of the first and the newest answer to one question."""

    first: dt.date
    newest: dt.date


class Known(Struct, kw_only=True):
    """A company as far as matching needs it; `names` are name to type, the name in use included."""

    id: str
    name: str
    country: str | None
    names: dict[str, str] = field(default_factory=dict[str, str])
    identifiers: dict[tuple[str, str], bool | None] = field(default_factory=dict[tuple[str, str], bool | None])
    classes: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def values(self, scheme: str) -> set[str]:
        """Identifiers of one scheme whose check digits do not fail."""
        return {value for (one, value), ok in self.identifiers.items() if one == scheme and ok is not False}


class Claim(Struct, frozen=True, kw_only=True):
    """Who a row says it is about. `register` is the scheme of the publisher's own number.

    `sector` tells namesakes apart where a file has no countries.
    """

    register: str
    number: str | None
    name: str
    country: str | None
    lei: str | None = None
    isin: str | None = None
    sector: str | None = None


SCORES = {"lei": 0.95, "isin": 0.9, "name": 0.8, "name in use": 0.7}
"""How sure a match is. What a register's own number finds, or a claim that was settled before, is certain (1)."""


class Match(Struct, frozen=True, kw_only=True):
    """The company found, and how; or none, with the known companies that it might be."""

    company: str | None
    how: str
    candidates: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """From 0, a new company, to 1, certain."""
        return 0 if self.company is None else SCORES.get(self.how, 1)


class Index:
    """Known companies and what is known of them; it learns while a file is read, so that later rows find earlier ones.

    `decided` gives rows (sheet, row) of the file to labels, `moved` kept rows of other sources by their id; `labels` says
    which company a label is, once it is one.
    """

    def __init__(
        self,
        heads: Iterable[CompanyHead] = (),
        disclosures: Mapping[Question, Span] | None = None,
        sightings: Iterable[Sighting] = (),
    ) -> None:
        self.companies: dict[str, Known] = {}
        self._seen: dict[Claim, tuple[str, dt.date]] = {}
        self._overruled: list[tuple[str, Claim]] = []
        self.fresh: list[Sighting] = []
        for one in sightings:
            self.see(_claim(one), one.company, one.seen_on)
        self.fresh.clear()
        self.decided: dict[tuple[str, int], str] = {}
        self.moved: dict[str, dict[tuple[str, int], str]] = {}
        self.labels: dict[str, str] = {}
        self._first: dict[Question, dt.date] = {}
        self.newest: dict[str, dt.date] = {}
        for question, span in (disclosures or {}).items():
            self._first[question] = span.first
            self.newest[question[0]] = max(span.newest, self.newest.get(question[0], span.newest))
        self._by_identifier: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for head in heads:
            self._learn_head(head)

    def as_of(self, register: str, day: dt.date) -> "Index":
        """What would be known if no claim of a register that was first seen after a day had been made."""
        late: set[tuple[str, str, str]] = set()
        early: set[tuple[str, str, str]] = set()
        late.update(fact for company, claim in self._overruled for fact in _facts(company, claim))
        said: dict[str, tuple[dt.date, Claim]] = {}
        for claim, (company, on) in self._seen.items():
            own = claim.register == register
            (late if own and on > day else early).update(_facts(company, claim))
            if own and said.get(company, (on,))[0] <= on <= day:
                said[company] = (on, claim)
        past = Index()
        past._seen = {one: seen for one, seen in self._seen.items() if one.register != register or seen[1] <= day}
        for known in self.companies.values():
            names = {one: sort for one, sort in known.names.items() if _stands(known.id, "name", one, late, early)}
            if not names:
                continue
            held = {key: ok for key, ok in known.identifiers.items() if _stands(known.id, *key, late, early)}
            claim = said[known.id][1] if known.id in said else None
            named = claim.name if claim else known.name if known.name in names else next(iter(names))
            country = claim.country if claim and claim.country else known.country
            one = Known(
                id=known.id, name=named, country=country, names=names, identifiers=held, classes=set(known.classes)
            )
            past.companies[known.id] = one
            past._enter(one)
        return past

    def knows(self, question: Question, before: dt.date) -> bool:
        """Whether this question had an answer before a day."""
        first = self._first.get(question)
        return first is not None and first < before

    def holders(self, scheme: str, value: str) -> list[str]:
        """Companies that carry an identifier whose check does not fail."""
        return self._by_identifier.get((scheme, value), [])

    def named(self, name: str) -> list[str]:
        """Companies that have or had a name, whatever its case and legal form."""
        return self._by_name.get(fold(name), [])

    def learn(self, line: CompanyLine) -> None:
        """Take in a company line of the batch being made."""
        known = self.companies.get(line.id)
        if known is None:
            known = self.companies[line.id] = Known(id=line.id, name=line.name, country=line.country)
        if known.name != line.name:
            known.names[known.name] = "former"
        known.name, known.country = line.name, line.country or known.country
        known.names |= {one.name: one.type for one in line.names} | {line.name: "name"}
        known.classes |= {(one.scheme, one.code) for one in line.classes}
        for one in line.identifiers:
            known.identifiers.setdefault((one.scheme, one.value), check(one.scheme, one.value))
        self._enter(known)

    def remembered(self, claim: Claim) -> Match | None:
        """The company that the same claim was settled to before."""
        return Match(company=self._seen[claim][0], how="seen") if claim in self._seen else None

    def see(self, claim: Claim, company: str, on: dt.date) -> None:
        """Remember whom a claim was settled to; `fresh` gathers what the store does not remember yet."""
        before = self._seen.get(claim)
        if before is None or before[0] != company or on < before[1]:
            if before is not None and before[0] != company:
                self._overruled.append((before[0], claim))
            self._seen[claim] = (company, on if before is None else min(on, before[1]))
            self.fresh.append(Sighting(company=company, seen_on=on, **msgspec.structs.asdict(claim)))

    def learn_answers(self, questions: Iterable[Question], on: dt.date) -> None:
        """Take in what a finished batch answers, so that the next file is read as if this one had been published."""
        for question in questions:
            self._first[question] = min(on, self._first.get(question, on))
            self.newest[question[0]] = max(on, self.newest.get(question[0], on))

    def forget_answers(self, questions: Iterable[Question], on: dt.date) -> None:
        """Take in that what was read to be answered first on a day was not."""
        for question in questions:
            if self._first.get(question, dt.date.min) >= on:
                del self._first[question]

    def match(self, claim: Claim) -> Match:
        """The known company of a claim: register number, as before, LEI, ISIN with a like name, name in the same country."""
        if claim.number is not None and (found := self.holders(claim.register, claim.number)):
            return _one(found, claim.register, found)
        if (seen := self.remembered(claim)) is not None:
            return seen
        doubtful: list[str] = []
        for how, found in self._weaker(claim):
            free = [one for one in found if self._may_be(one, claim, how)]
            if len(free) == 1:
                return Match(company=free[0], how=how)
            doubtful += found
        return Match(company=None, how="new", candidates=tuple(dict.fromkeys(doubtful)))

    def free_slug(self, claim: Claim) -> str:
        """A slug that no company has: from the name, then with the country, then with the register's number."""
        base = slug(claim.name, claim.number)
        rival = self.companies.get(base)
        if rival is None:
            return base
        suffixes = [claim.country.lower()] if claim.country and claim.country != rival.country else []
        suffixes += [claim.number] if claim.number else []
        tries = [f"{base}-{suffix}" for suffix in suffixes] + [f"{base}-{n}" for n in range(2, 10_000)]
        return next(one for one in tries if one not in self.companies)

    def _weaker(self, claim: Claim) -> Iterable[tuple[str, list[str]]]:
        if claim.lei is not None and check("lei", claim.lei):
            yield "lei", self.holders("lei", claim.lei)
        if claim.isin is not None and check("isin", claim.isin):
            yield "isin", self.holders("isin", claim.isin)
        same = self._by_name.get(fold(claim.name), [])
        yield "name", [one for one in same if claim.country in (None, self.companies[one].country)]

    def _may_be(self, company: str, claim: Claim, how: str) -> bool:
        """Whether enough speaks for it, and nothing tells them apart.

        Registers give rows the LEI or ISIN of another company (Nordea's to Arendals Fossekompani), so neither is enough
        alone: the names must be alike, or both identifiers agree. Another number of the register tells companies apart,
        and so does another valid LEI, unless the ISIN is the same.
        """
        known = self.companies[company]
        numbers, leis = known.values(claim.register), known.values("lei")
        if claim.number is not None and numbers and claim.number not in numbers:
            return False
        same_isin = claim.isin is not None and claim.isin in known.values("isin")
        if claim.lei is not None and check("lei", claim.lei) and leis and claim.lei not in leis:
            return same_isin and fold(claim.name) in map(fold, known.names)
        if how == "name":
            return claim.country is not None
        if how == "isin" and len(self.holders("isin", claim.isin or "")) > 1:
            return False
        same_both = same_isin and claim.lei is not None and claim.lei in leis
        return same_both or any(alike(claim.name, name) for name in known.names)

    def _learn_head(self, head: CompanyHead) -> None:
        names = {one.name: one.type for one in head.names} | {head.name: "name"}
        identifiers = {(one.scheme, one.value): one.check_ok for one in head.identifiers}
        classes = {(one.scheme, one.code) for one in head.classes}
        known = Known(
            id=head.id, name=head.name, country=head.country, names=names, identifiers=identifiers, classes=classes
        )
        self.companies[head.id] = known
        self._enter(known)

    def _enter(self, known: Known) -> None:
        for (scheme, value), ok in known.identifiers.items():
            held = self._by_identifier[(scheme, value)]
            if ok is not False and known.id not in held:
                held.append(known.id)
        for name in known.names:
            same = self._by_name[fold(name)]
            if known.id not in same:
                same.append(known.id)


async def load_index(connection: Connection, scheme: str) -> Index:
    """Every known company and claim, and the disclosures of one scheme. Cost: three queries over the whole store."""
    decode = msgspec.json.Decoder(CompanyHead).decode
    heads = [decode(row["body"]) for row in await connection.fetch(QUERIES["identity/heads"])]
    rows = await connection.fetch(QUERIES["identity/disclosures"], scheme)
    questions = {
        (row["company_id"], row["kind"], row["natural_key"]): Span(row["first_on"], row["newest_on"]) for row in rows
    }
    sightings = [
        Sighting(company=row["company_id"], **{name: row[name] for name in (*Claim.__struct_fields__, "seen_on")})
        for row in await connection.fetch(QUERIES["identity/sightings"])
    ]
    return Index(heads, questions, sightings)


def alike(one: str, other: str) -> bool:
    """Whether two names may loosely be one company's: the same first word, or all words of one in the other."""
    a, b = fold(one).split(), fold(other).split()
    return a[0] == b[0] or set(a) <= set(b) or set(b) <= set(a)


def _one(found: list[str], how: str, candidates: list[str]) -> Match:
    if len(found) == 1:
        return Match(company=found[0], how=how)
    return Match(company=None, how="new", candidates=tuple(candidates))


def _facts(company: str, claim: Claim) -> Iterable[tuple[str, str, str]]:
    yield company, "name", claim.name
    for scheme, value in ((claim.register, claim.number), ("lei", claim.lei), ("isin", claim.isin)):
        if value is not None:
            yield company, scheme, value


def _stands(
    company: str, scheme: str, value: str, late: set[tuple[str, str, str]], early: set[tuple[str, str, str]]
) -> bool:
    return (company, scheme, value) in early or (company, scheme, value) not in late


def _claim(sighting: Sighting) -> Claim:
    return Claim(**{name: getattr(sighting, name) for name in Claim.__struct_fields__})
