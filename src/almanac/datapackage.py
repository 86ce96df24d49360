"""What every Data Package of ours says alike (Frictionless Data Package and Table Schema, version 2, datapackage.org)."""

import datetime as dt

PACKAGE = "https://datapackage.org/profiles/2.0/datapackage.json"
TABLE_SCHEMA = "https://datapackage.org/profiles/2.0/tableschema.json"
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
CONTRIBUTORS = [{"title": "Almanac", "roles": ["publisher"]}]


def instant(when: dt.datetime) -> str:
    """An instant in UTC, as RFC 3339 has it."""
    return when.isoformat().replace("+00:00", "Z")
