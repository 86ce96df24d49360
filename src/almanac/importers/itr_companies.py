"""Who a row of an ITR workbook is about: a company, or a part of one.

A part carries the identifiers of the whole: `Eni S.P.A. - Oil` with the ISIN `IT0003132476-Oil`, `OXYCHEM` with that of
Occidental Petroleum. Its numbers are the company's, with the part as `segment`.
"""

import re

from almanac.importers.countries import country_code
from almanac.importers.evidence import Claim, alike
from almanac.importers.figures import Desk
from almanac.importers.lines import Line

SCHEME = "itr"
_PART = re.compile(r"(?P<whole>.+?)(?: - (?P<part>.+)| \((?P<word>Elec|Electricity|Util|Gas|Oil)\))")
_ID = re.compile(r"([A-Z]{2}[A-Z0-9]{9}\d)(?:-.*)?")


class Companies:
    """The companies of one workbook, by the ISIN that their rows give."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._by_isin: dict[str, Claim] = {}

    def of(self, line: Line) -> tuple[str, str | None]:
        """Company and segment of a row that names one."""
        values = line.entry.values
        name, segment = _parted(values["name"])
        match = _ID.fullmatch(values.get("id", ""))
        isin = match[1] if match else None
        known = self._by_isin.get(isin) if isin else None
        if known is not None and not alike(name, known.name):
            segment = values["name"]
        if known is None:
            country = country_code(values["country"]) or _alpha2(values["country"]) if "country" in values else None
            known = Claim(register=SCHEME, number=None, name=name, country=country, lei=values.get("lei"), isin=isin)
            if isin:
                self._by_isin[isin] = known
        classes = [("itr_sector", values["sector"])] if segment is None and "sector" in values else []
        return self._desk.company(line, known, classes), segment


def _parted(name: str) -> tuple[str, str | None]:
    match = _PART.fullmatch(name)
    if match is None:
        return name, None
    part = match["part"] or match["word"]
    return match["whole"], None if part == "Group" else part


def _alpha2(code: str) -> str | None:
    return code if re.fullmatch(r"[A-Z]{2}", code) else None
