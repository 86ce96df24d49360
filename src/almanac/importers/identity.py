"""Which company a row is about: known ones by identifier, then by name; what is not sure becomes a company of its own.

What a publisher said of a company once is remembered with the company that it was settled to (a sighting): the same claim is
never settled another way because of what other files brought in between.
"""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from almanac.company import CompanyHead, check
from almanac.errors import BadFile
from almanac.importers.evidence import SURE, Candidate, Claim, Context, Known, valid, weigh
from almanac.importers.review import NEW, Decision, Decisions
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


class Match(Struct, frozen=True, kw_only=True):
    """The company found, by which evidence, and how sure that is, from 0 to 1; or none.

    `candidates` are the other known companies that it might be, likeliest first. What a register's own number finds, or a
    claim that was settled before, is certain.
    """

    company: str | None
    how: str
    score: float = 1
    candidates: tuple[Candidate, ...] = ()


class Index:
    """Known companies and what is known of them; it learns while a file is read, so that later rows find earlier ones.

    `shared` are identifiers and names that the file at hand gives to several companies: they find none. `decided` gives rows
    (sheet, row) of the file to labels, `moved` kept rows of other sources by their id; `labels` says which company a label
    is, once it is one.
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
        self._in_register: dict[tuple[str, str], dict[Claim, str]] = defaultdict(dict)
        self.fresh: list[Sighting] = []
        for one in sightings:
            self._remember(_claim(one), one.company, one.seen_on)
        self.decided: dict[tuple[str, int], str] = {}
        self.moved: dict[str, dict[tuple[str, int], str]] = {}
        self.labels: dict[str, str] = {}
        self.decisions = Decisions()
        self.shared: set[tuple[str, str]] = set()
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
        past.decisions = self.decisions
        for claim, (company, on) in self._seen.items():
            if claim.register != register or on <= day:
                past.see(claim, company, on)
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
        if self._remember(claim, company, on):
            self.fresh.append(Sighting(company=company, seen_on=on, **msgspec.structs.asdict(claim)))

    def _remember(self, claim: Claim, company: str, on: dt.date) -> bool:
        """Whether that was news."""
        before = self._seen.get(claim)
        if before is not None and before[0] == company and on >= before[1]:
            return False
        if before is not None and before[0] != company:
            self._overruled.append((before[0], claim))
        self._seen[claim] = (company, on if before is None else min(on, before[1]))
        self._in_register[claim.register, name_in(claim.country, claim.name)][claim] = company
        return True

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

    def match(self, claim: Claim, classes: Iterable[tuple[str, str]] = ()) -> Match:
        """The known company of a claim: as a person decided, by the register's number, as before, or what most speaks for.

        Errors: BadFile naming a decision that cannot be followed.
        """
        if (said := self.decisions.about(claim)) is not None:
            return self._decided(claim, said)
        if claim.number is not None and (found := self.holders(claim.register, claim.number)):
            return _numbered(found, claim.register)
        if (seen := self.remembered(claim)) is not None:
            return seen
        weighed = self._weighed(claim, frozenset(classes))
        if weighed and weighed[0].score >= SURE and [one.score for one in weighed].count(weighed[0].score) == 1:
            best, *others = weighed
            return Match(company=best.company, how=best.how, score=best.score, candidates=tuple(others))
        return Match(company=None, how="new", score=0, candidates=tuple(weighed))

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

    def _weighed(self, claim: Claim, classes: frozenset[tuple[str, str]]) -> list[Candidate]:
        """Every company that something speaks for, likeliest first."""
        given = {"lei": valid("lei", claim.lei), "isin": valid("isin", claim.isin)}
        by = {scheme: self.holders(scheme, value) for scheme, value in given.items() if value is not None}
        shared = {one for one in by if (one, given[one]) in self.shared or (one == "isin" and len(by[one]) > 1)}
        name = name_in(claim.country, claim.name)
        shared |= {"name"} if ("name", name) in self.shared else set()
        before = set(self._in_register.get((claim.register, name), {}).values())
        continued = before.pop() if len(before) == 1 and "name" not in shared else None
        context = Context(classes=classes, shared=frozenset(shared), continued=continued)
        found = dict.fromkeys((*itertools.chain(*by.values()), *self.named(claim.name)))
        return sorted((weigh(self.companies[one], claim, context) for one in found), key=lambda one: -one.score)

    def _decided(self, claim: Claim, said: Decision) -> Match:
        if said.company != NEW and said.company not in self.companies:
            raise BadFile(f"{said.place}: no company that stands by itself has the id {said.company!r}")
        holders = self.holders(claim.register, claim.number) if claim.number is not None else []
        settled = self.remembered(claim) or (_numbered(holders, claim.register) if holders else None)
        if settled is None:
            return Match(company=None if said.company == NEW else said.company, how="decision", score=1)
        if said.company not in (NEW, settled.company):
            there = settled.company or " and ".join(holders)
            proposal = f"almanac company merge {there} {said.company}"
            raise BadFile(f"{said.place}: that is {there} already, which only a merge can change: {proposal}")
        return settled

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
    sightings = [Sighting(**row) for row in await connection.fetch(QUERIES["identity/sightings"])]
    return Index(heads, questions, sightings)


def name_in(country: str | None, name: str) -> str:
    """A name with its country, folded: what a register goes on with from release to release."""
    return f"{country} {fold(name)}"


def _numbered(found: list[str], register: str) -> Match:
    if len(found) == 1:
        return Match(company=found[0], how=register)
    candidates = tuple(Candidate(one, f"shared {register}", 1 / len(found)) for one in found)
    return Match(company=None, how="new", score=0, candidates=candidates)


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
    return Claim(
        register=sighting.register,
        number=sighting.number,
        name=sighting.name,
        country=sighting.country,
        lei=sighting.lei,
        isin=sighting.isin,
        sector=sighting.sector,
    )
