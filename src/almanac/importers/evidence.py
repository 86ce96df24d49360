"""How much speaks for a company being the one that a row is about: a score from 0 to 1, and by what.

Pieces of evidence add up like independent witnesses: two that may err in 8 and 10 of 100 cases err together in one. What
tells companies apart caps the sum, whatever speaks for them. Registers give rows the LEI or ISIN of another company
(Nordea's to Arendals Fossekompani), so neither is enough under an unlike name, unless both agree.
"""

import functools
import itertools
from collections.abc import Iterable

from msgspec import Struct, field

from almanac.company import check
from almanac.names import fold as fold_anew

fold = functools.lru_cache(50_000)(fold_anew)

SURE = 0.8
"""From this score on a row is taken to be about a known company."""

# By how alike the names are: not, by what they begin with, by all words of one.
_LEI = (0.75, 0.91, 0.95)
_ISIN = (0.70, 0.82, 0.92)
_SHARED = 0.3
_CONTINUED = 0.97
_NAME, _FOLDED, _OTHER_NAME = 0.90, 0.86, 0.82
_NAME_AND_SECTOR, _NAME_ALONE, _NAME_ABROAD = 0.86, 0.6, 0.4
_OTHER_LEI, _OTHER_NUMBER = 0.4, 0.3
_MOST = 0.99

# Words that ten and more unrelated companies of the registers begin with.
_COMMON = frozenset(
    """the la le el de del van new first great group groupe grupo gruppo bank banco banque general national international
    global universal united public royal koninklijke advanced standard central northern southern eastern western north
    south east west nordic pacific asia asian european euro american canadian british deutsche china chinese japan nippon
    nihon korea korean taiwan india indian hindustan bharat saudi emirates hong singapore thai shanghai beijing shenzhen
    zhejiang jiangsu shandong guangdong guangzhou dongguan hangzhou suzhou ningbo anhui yunnan fujian hebei henan hubei
    sichuan chongqing shanxi wuxi xiamen qingdao tokyo osaka air green blue red golden sun digital smart eco pro""".split()  # noqa: SIM905 - a list of 100 quotes
)


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


class Candidate(Struct, frozen=True):
    """A company that a row may be about, by which evidence, and how sure that is: 0 to 1."""

    company: str
    how: str
    score: float


class Context(Struct, frozen=True, kw_only=True):
    """What is known of a claim beside its words.

    `classes` are those of the row, `shared` which of lei, isin and name stand for several companies, and `continued` is the
    one company that the same register gave this name and country before.
    """

    classes: frozenset[tuple[str, str]] = frozenset()
    shared: frozenset[str] = frozenset()
    continued: str | None = None


def weigh(known: Known, claim: Claim, context: Context) -> Candidate:
    """What speaks for a known company."""
    found = [*_identifiers(known, claim, context), *_names(known, claim, context)]
    if known.id == context.continued:
        found.append((_CONTINUED, "name in the register"))
    doubt = 1.0
    for weight, _ in found:
        doubt *= 1 - weight
    _, how = max(found, default=(0.0, "nothing"))
    return Candidate(known.id, how, round(min(1 - doubt, _MOST, _cap(known, claim, context)), 2))


def alike(one: str, other: str) -> int:
    """How alike two names are: 2 if all words of one are in the other, 1 if they begin alike, 0 if neither.

    A beginning that many unrelated companies have, such as "Deutsche" or "China", says nothing.
    """
    a, b = fold(one).split(), fold(other).split()
    if set(a) <= set(b) or set(b) <= set(a):
        return 2
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False))
    return int(any(word not in _COMMON and len(word) > 1 for word, _ in same))


def valid(scheme: str, value: str | None) -> str | None:
    """An identifier whose check digits hold; None otherwise."""
    return value if value is not None and check(scheme, value) else None


def _identifiers(known: Known, claim: Claim, context: Context) -> Iterable[tuple[float, str]]:
    like = max(alike(claim.name, name) for name in known.names)
    for scheme, value, weights in (("lei", claim.lei, _LEI), ("isin", claim.isin, _ISIN)):
        if valid(scheme, value) in known.values(scheme):
            shared = scheme in context.shared
            yield (_SHARED, f"shared {scheme}") if shared else (weights[like], scheme)


def _names(known: Known, claim: Claim, context: Context) -> Iterable[tuple[float, str]]:
    folded = fold(claim.name)
    if folded not in map(fold, known.names):
        return
    if claim.country is None or known.country is None:
        sectors = {one for one in known.classes & context.classes if one[0].endswith("sector")}
        yield (_NAME_AND_SECTOR, "name and sector") if sectors else (_NAME_ALONE, "name alone")
    elif claim.country != known.country:
        yield _NAME_ABROAD, "name in another country"
    elif claim.name.casefold() == known.name.casefold():
        yield _NAME, "name"
    elif "name" in context.shared:
        yield _SHARED, "shared name"
    elif folded == fold(known.name):
        yield _FOLDED, "name"
    else:
        yield _OTHER_NAME, "other name"


def _cap(known: Known, claim: Claim, context: Context) -> float:
    """The most that may speak for a company which another number of the register, or another LEI, tells apart.

    A register that goes on with a name and gives it another LEI has corrected the LEI.
    """
    numbers, leis = known.values(claim.register), known.values("lei")
    if claim.number is not None and numbers and claim.number not in numbers:
        return _OTHER_NUMBER
    if (lei := valid("lei", claim.lei)) is None or not leis or lei in leis or known.id == context.continued:
        return 1
    same_isin = claim.isin is not None and claim.isin in known.values("isin")
    return 1 if same_isin and fold(claim.name) in map(fold, known.names) else _OTHER_LEI
