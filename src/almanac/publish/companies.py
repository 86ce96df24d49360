"""Company lines into company heads: what is new is added, nothing is lost. Pure."""

from collections.abc import Iterable, Mapping

import msgspec

from almanac.company import CompanyClass, CompanyHead, CompanyIdentifier, CompanyName, check
from almanac.publish.batch import CompanyLine


def merge(
    lines: Iterable[CompanyLine], known: Mapping[str, CompanyHead], edition: int, edited: Iterable[CompanyHead] = ()
) -> list[CompanyHead]:
    """Heads that the lines change or bring, and those that an editor gives whole, as they are after `edition`."""
    heads = dict(known)
    for head in edited:
        heads[head.id] = msgspec.structs.replace(head, updated_edition=edition)
    for line in lines:
        old = heads.get(line.id)
        new = _merge(line, old)
        if old is None or new != old:
            first = edition if old is None else old.first_edition
            heads[line.id] = msgspec.structs.replace(new, first_edition=first, updated_edition=edition)
    return [head for company, head in heads.items() if head != known.get(company)]


def _merge(line: CompanyLine, old: CompanyHead | None) -> CompanyHead:
    """A name that the company had before does not come back by itself: the line may be of an older document."""
    known = old is not None and any(one.name == line.name for one in old.names)
    name = old.name if old is not None and known else line.name
    names = list(old.names) if old else []
    given = [CompanyName(name=n.name, lang=n.lang, type=n.type) for n in line.names]
    if old is not None and old.name != name:
        given.append(CompanyName(name=old.name, lang="en", type="former"))
    names += [name for name in given if name not in names]
    identifiers = list(old.identifiers) if old else []
    held = {(i.scheme, i.value) for i in identifiers}
    for one in line.identifiers:
        if (one.scheme, one.value) not in held:
            ok = check(one.scheme, one.value)
            identifiers.append(CompanyIdentifier(scheme=one.scheme, value=one.value, check_ok=ok))
            held.add((one.scheme, one.value))
    classes = list(old.classes) if old else []
    classes += [c for c in (CompanyClass(scheme=k.scheme, code=k.code) for k in line.classes) if c not in classes]
    return CompanyHead(
        id=line.id,
        name=name,
        country=line.country or (old.country if old else None),
        names=names,
        identifiers=identifiers,
        classes=classes,
        first_edition=old.first_edition if old else 0,
        updated_edition=old.updated_edition if old else 0,
    )
