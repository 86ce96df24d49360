"""`almanac up`: PostgreSQL, Valkey and the HTTP server as children of one process, stopped in reverse order.

Every child asks the kernel to end it with this process, so nothing is left running even after `kill -9`.
"""

import contextlib
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import msgspec

from almanac import bundled
from almanac.environment import variable
from almanac.errors import Misconfigured
from almanac.settings import Secret, Settings
from almanac.store import embedded, folder
from almanac.store.process import Child, wait_until_up

Say = Callable[[str], None]

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TRY = (
    "/",
    "/docs",
    "/v1/companies?q=zte",
    "/v1/companies/zte",
    "/v1/companies/zte/emission-deltas",
    "/v1/frames/ghg.scope1/2020",
    "/v1/changes",
)


def up(settings: Settings, say: Say) -> int:
    """Run everything until told to stop. 0 if asked to, by Ctrl-C or SIGTERM; 1 if a child ended by itself.

    Errors: Misconfigured, before anything is started, if the port is taken or another one runs in the same folder.
    """
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        was_killed = stack.enter_context(folder.locked(settings.state_path / "up.lock", patience_s=0))
        # What a killed predecessor started may take a moment to end.
        settings = msgspec.structs.replace(settings, port=_free_port(settings, patience_s=10 if was_killed else 0))
        stack.enter_context(_stopped_by_signals())
        children: list[Child] = []
        try:
            stack.callback(lambda: _stop(children))
            settings = _start_stores(settings, children, say)
            # Whoever runs it for themselves is not to be limited by it.
            settings = msgspec.structs.replace(
                settings, rate_anonymous=settings.rate_anonymous or "off", rate_key=settings.rate_key or "off"
            )
            if settings.public_url is None:
                settings = msgspec.structs.replace(settings, public_url=_address(settings))
            given = _environment(settings)
            log = _start_serving(settings, children, given)
            _start_exports(settings, children, given)
            address = _address(settings)
            say(f"Ready after {time.monotonic() - started:.1f} s. Ctrl-C stops everything. Log: {log}\n")
            for path in _TRY:
                say(f"  {address}{path}")
            return _watch(children, say)
        except KeyboardInterrupt:
            say("\nStopping.")
            return 0


def _start_stores(settings: Settings, children: list[Child], say: Say) -> Settings:
    """Settings with the URLs of the stores started; those given are taken as they are."""
    state = settings.state_path
    if settings.database_url is None:
        server = embedded.postgres(state)
        _add(children, server)
        settings = msgspec.structs.replace(settings, database_url=Secret(server.url))
        bundled.load(server.url, state, say)
    if settings.redis_url is None:
        server = embedded.redis(state)
        _add(children, server)
        settings = msgspec.structs.replace(settings, redis_url=Secret(server.url))
    return settings


def _add(children: list[Child], server: embedded.Server) -> None:
    assert server.process is not None
    children.append(server.process)


def _environment(settings: Settings) -> dict[str, str]:
    """What the programs are told."""
    given = {
        variable(name): str(value) for name, value in msgspec.structs.asdict(settings).items() if value is not None
    }
    given[variable("state_dir")] = str(settings.state_path)
    given[variable("stop_grace_ms")] = "0"  # nobody has to be told, and Ctrl-C is waited for
    return os.environ | given


def _start_serving(settings: Settings, children: list[Child], given: dict[str, str]) -> Path:
    """The log of the HTTP server, once it answers. Errors: Misconfigured with its last words if it does not."""
    log = settings.state_path / "serve.log"
    program = [sys.executable, "-m", "almanac", "serve"]
    process = Child("The HTTP server", program, log=log, env=given)
    children.append(process)
    if not wait_until_up(process, lambda: _answers(settings), 60):
        raise Misconfigured(f"{process.name} ended with {process.exit_code}:\n{process.last_words()}")
    return log


def _start_exports(settings: Settings, children: list[Child], given: dict[str, str]) -> None:
    """Start what makes the files of exports; what is ordered before it is ready waits."""
    log = settings.state_path / "exports.log"
    program = [sys.executable, "-m", "almanac", "bulk", "exports"]
    children.append(Child("The maker of exports", program, log=log, env=given))


def _watch(children: list[Child], say: Say) -> int:
    """Wait until a child ends by itself."""
    while True:
        for child in children:
            if child.exit_code is not None:
                say(f"{child.name} ended unexpectedly (exit code {child.exit_code}):\n{child.last_words()}")
                return 1
        time.sleep(0.2)


def _stop(children: list[Child]) -> None:
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)
    for child in reversed(children):
        child.stop()


@contextlib.contextmanager
def _stopped_by_signals() -> Generator[None]:
    """Turn the signals that ask to stop into KeyboardInterrupt: the one exception that asyncio lets through."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _free_port(settings: Settings, patience_s: float) -> int:
    """The port to use. Errors: Misconfigured if it is taken, or not allowed."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((settings.host, settings.port))
                return probe.getsockname()[1]
        except OSError as error:
            if time.monotonic() > deadline:
                reason = error.strerror or str(error)
                raise Misconfigured(
                    f"cannot listen on {settings.host} port {settings.port} ({reason.lower()}); choose another one: "
                    "`make up PORT=8001` or `almanac up --port 8001`"
                ) from error
            time.sleep(0.1)


def _address(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - read, not bound
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _answers(settings: Settings) -> bool:
    try:
        connection = http.client.HTTPConnection(_address(settings).removeprefix("http://"), timeout=5)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
