"""pgbench: how fast PostgreSQL alone answers the statement of a cold profile, and a stored document."""

import re
import shutil
import subprocess
from pathlib import Path

from bench.machine import Cores, on
from bench.place import Corpus

from almanac.store import embedded_postgres
from almanac.store.queries import QUERIES

CLIENTS = 32
_COMPANY = "('synthetic-' || lpad(:number::text, 6, '0'))"
DOCUMENT = f"select doc from peers.profile where id = {_COMPANY}"


def program() -> str | None:
    """Path of pgbench: of the embedded PostgreSQL, or of the PATH."""
    for folder in embedded_postgres.candidates():
        if (folder / "pgbench").exists():
            return str(folder / "pgbench")
    return shutil.which("pgbench")


def profile() -> str:
    """The statement of the product's cold profile, with pgbench's variables. Errors: KeyError for a parameter unknown here."""
    sql = QUERIES["companies/profile"]
    (names,) = re.findall(r"^-- params: (.*)$", sql, re.MULTILINE)
    values = {"edition": ":edition", "known_on": "':known_on'", "company": _COMPANY}
    for number, name in enumerate(names.split(", "), 1):
        sql = re.sub(rf"\${number}\b", lambda _, name=name: values[name], sql)
    return "\n".join(line for line in sql.splitlines() if not line.startswith("--"))


def run(sql: str, corpus: Corpus, folder: Path, cores: Cores, seconds: float) -> dict[str, float]:
    """Transactions a second and their latency, prepared. Errors: RuntimeError if pgbench fails."""
    script = folder / "pgbench.sql"
    sql = sql.replace("':known_on'", f"'{corpus.known_on}'").replace(":edition", str(corpus.editions))
    script.write_text(f"\\set number random(1, {corpus.companies})\n{sql};\n", "utf-8")
    command = [program() or "pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-T", str(max(1, round(seconds))),
               "-f", str(script), corpus.url]  # fmt: skip
    with on(cores):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or found is None:
        raise RuntimeError(f"pgbench ended with {done.returncode}: {done.stdout}{done.stderr}")
    return {"rps": float(found[1])}
