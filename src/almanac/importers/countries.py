"""Country names to ISO 3166-1 alpha-2, in the spellings that registers use; countries.csv holds them.

Source of codes and names: github.com/datasets/country-codes (PDDL); aliases are those met in registers.
"""

import csv
import functools
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path


def country_code(name: str) -> str | None:
    """Alpha-2 code of a country by one of its names, whatever case, accents, article and punctuation; None if unknown."""
    return _codes().get(_folded(name))


@functools.cache
def _codes() -> Mapping[str, str]:
    with Path(__file__).with_name("countries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {_folded(name): row["code"] for row in rows for name in (row["name"], *row["aliases"].split("|")) if name}


@functools.lru_cache(maxsize=1024)
def _folded(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join(word for word in re.findall(r"\w+", plain) if word != "the")
