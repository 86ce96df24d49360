"""Which database a name means: `postgresql://...`, a file that ends in `.duckdb`, or else a SQLite file."""

from pathlib import Path

from almanac.errors import BadFile
from almanac.partner.copy import Copy
from almanac.partner.duckdb import Duckdb
from almanac.partner.postgres import Postgres
from almanac.partner.sqlite import Sqlite


def opened(where: str, *, there: bool = False) -> Copy:
    """A copy by its name; a file is made unless it has to be `there`.

    Errors: BadFile if it is none; Unavailable if it cannot be reached; Misconfigured without the extra `duckdb`.
    """
    if where.startswith(("postgresql://", "postgres://")):
        return Copy(Postgres(where))
    path = Path(where)
    if path.is_dir() or (there and not path.exists()):
        raise BadFile(f"{path} is a folder" if path.is_dir() else f"{path} is not there")
    return Copy(Duckdb(path) if path.suffix == ".duckdb" else Sqlite(path))
