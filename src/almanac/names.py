"""Folding of company names: what is compared when somebody types a name or a register spells it its own way."""

import functools
import re
import unicodedata

# Legal forms that say nothing about who the company is. "Group" and "Holding" are kept: they tell companies apart.
_FORMS = frozenset(
    """ab ag aktiengesellschaft as asa bhd bv co company corp corporation gmbh inc incorporated kgaa kk limited llc llp lp
    ltd ltda nv oy oyj plc pjsc pt pte pty pvt sa sab sas se spa srl tbk""".split()  # noqa: SIM905 - a list of 40 quotes
)
_LATIN = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i", "&": " and "}
)


@functools.lru_cache(maxsize=1 << 16)
def fold(name: str) -> str:
    """Lower case without accents, punctuation and legal forms; the name itself where nothing else is left."""
    text = unicodedata.normalize("NFKD", name.casefold().translate(_LATIN))
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"(?<=\b\w)[.](?=\w)|(?<=\w)['\u2019](?=\w)", "", text)  # S.p.A., E.ON and L'Oréal become one word
    words = re.findall(r"\w+", text)
    kept = [word for word in words if word not in _FORMS]
    return " ".join(kept or words) or name.strip()
