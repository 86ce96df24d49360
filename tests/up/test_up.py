"""`almanac up` with real processes. Linux only: elsewhere the kernel does not end children with their parent."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.up.running import Up, alive, command, descendants, environment, get, gone, one

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and PR_SET_PDEATHSIG"),
]

EDITIONS = "editions.json"

# The supervisor with the one thing switched off that ends its children with it.
UNTIED = (
    "from almanac.store import process; process.ends_with_parent = False; from almanac.__main__ import main; main()"
)


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which it was started once and stopped, and the editions that it served."""
    folder = tmp_path_factory.mktemp("first")
    with Up(folder) as up:
        (folder / EDITIONS).write_bytes(get(up.ready(), "/v1/editions"))
        assert up.stop() == 0
    return folder


@pytest.fixture
def begun(first_start: Path, tmp_path: Path) -> Path:
    """A copy of it: to those who look at what ends a running one, its first start is nothing."""
    shutil.copytree(first_start, tmp_path / "begun", symlinks=True)
    return tmp_path / "begun"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_starts_serves_the_bundled_records_and_stops_when_asked(tmp_path: Path, number: int) -> None:
    with Up(tmp_path) as up:
        address = up.ready()
        assert b'"zte"' in get(address, "/v1/companies?q=zte")
        below = descendants(up.process.pid)
        assert len(below) > 5
        assert up.stop(number) == 0
        assert not [command(pid) for pid in below if alive(pid)]


def test_kill_9_leaves_nothing_running_and_the_next_start_recovers(tmp_path: Path) -> None:
    with Up(tmp_path) as up:
        up.ready()
        below = descendants(up.process.pid)
        up.stop(signal.SIGKILL)
        started = time.monotonic()
        with Up(tmp_path) as again:
            assert b'"zte"' in get(again.ready(), "/v1/companies?q=zte")
            assert time.monotonic() - started < 20
            assert "Published" not in again.output
            assert gone(below), [command(pid) for pid in below if alive(pid)]
            assert again.stop() == 0


def test_control_without_the_tie_kill_9_leaves_processes(begun: Path) -> None:
    with Up(begun, program=("-c", UNTIED)) as up:
        up.ready()
        below = descendants(up.process.pid)
        postgres = one(up.tree(), "bin/postgres")
        up.stop(signal.SIGKILL)
        time.sleep(3)
        left = [pid for pid in below if alive(pid)]
        for pid in left:
            with contextlib.suppress(ProcessLookupError):  # Some follow the one that was ended before them.
                os.kill(pid, signal.SIGINT if pid == postgres else signal.SIGTERM)
        assert postgres in left
        assert gone(left)


@pytest.mark.parametrize("delay_s", [0.8, 1.8])
def test_stopped_in_the_middle_of_the_first_start_it_is_whole_after_the_second(
    first_start: Path, tmp_path: Path, delay_s: float
) -> None:
    with Up(tmp_path) as up:
        time.sleep(delay_s)
        below = descendants(up.process.pid)
        assert up.stop() in (0, -signal.SIGTERM), up.output
        assert gone(below)
    with Up(tmp_path) as up:
        editions = get(up.ready(), "/v1/editions")
        assert up.stop() == 0
    undisturbed = (first_start / EDITIONS).read_bytes()
    assert undisturbed.count(b'"edition"') == editions.count(b'"edition"') > 0


def test_taken_port_is_one_line_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = almanac(tmp_path, "up", "--port", port)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert port in done.stderr
    assert "--port" in done.stderr
    assert "PORT=" in done.stderr
    assert not list((tmp_path / ".almanac").glob("pgdata*"))


def test_a_second_one_in_the_same_folder_is_refused(begun: Path) -> None:
    with Up(begun) as up:
        up.ready()
        done = almanac(begun, "up", "--port", "0")
        assert done.returncode == 1
        assert "already runs" in done.stderr
        assert almanac(begun, "key", "list").stdout == "no keys\n", "commands use the server that runs"
        assert up.stop() == 0


@pytest.mark.parametrize("victim", ["bin/postgres", "valkey", "almanac serve"])
def test_a_child_that_ends_by_itself_ends_everything(begun: Path, victim: str) -> None:
    with Up(begun) as up:
        up.ready()
        below = descendants(up.process.pid)
        os.kill(one(up.tree(), victim), signal.SIGKILL)
        assert up.end() == 1
        assert "ended unexpectedly" in up.output
        assert gone(below), [command(pid) for pid in below if alive(pid)]


def test_a_worker_that_dies_is_replaced(begun: Path) -> None:
    with Up(begun) as up:
        address = up.ready()
        main = one(up.tree(), "almanac serve")
        os.kill(descendants(main)[0], signal.SIGKILL)
        deadline = time.monotonic() + 20
        while not descendants(main):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        while True:
            try:
                assert get(address, "/livez")
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert up.stop() == 0


@pytest.mark.parametrize("name", ["with a space, 'quotes' and ü%41", "long/" + "x" * 60 + "/" + "y" * 60])
def test_works_in_awkward_folders(tmp_path: Path, name: str) -> None:
    with Up(tmp_path / name) as up:
        assert b'"zte"' in get(up.ready(), "/v1/companies?q=zte")
        assert up.stop() == 0


def test_two_folders_at_once(tmp_path: Path) -> None:
    with Up(tmp_path / "a") as first, Up(tmp_path / "b") as second:
        assert first.ready() != second.ready()
        assert first.stop() == second.stop() == 0


# Root in a user namespace of the test's own, in which no further one can be made: the machine itself is not changed.
REFUSING = """
import ctypes, os, sys
me, asked, answered = os.getpid(), os.pipe(), os.pipe()
if os.fork() == 0:
    os.read(asked[0], 1)
    for name in ("uid_map", "gid_map"):
        with open(f"/proc/{me}/{name}", "w") as file:
            file.write("0 0 65536")
    os.write(answered[1], b".")
    os._exit(0)
unshare = ctypes.CDLL(None).unshare
assert unshare(0x10000000) == 0
os.write(asked[1], b".")
os.read(answered[0], 1)
os.wait()
with open("/proc/sys/user/max_user_namespaces", "w") as file:
    file.write("0")
assert unshare(0x10000000) != 0
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize(
    "wrapper",
    [
        pytest.param(["unshare", "--user", "--map-user=1000", "--map-group=1000"], id="ordinary user"),
        pytest.param([sys.executable, "-c", REFUSING], id="root where namespaces are refused"),
    ],
)
def test_works_as_other_users(tmp_path: Path, wrapper: list[str]) -> None:
    if (
        not shutil.which("unshare")
        or subprocess.run([*wrapper, "/bin/true"], capture_output=True, check=False).returncode != 0
    ):
        pytest.skip("this machine does not let us make the namespace")
    with Up(tmp_path, wrapper=wrapper) as up:
        assert b'"zte"' in get(up.ready(), "/v1/companies?q=zte")
        below = descendants(up.process.pid)
        up.stop(signal.SIGKILL)
        assert gone(below), [command(pid) for pid in below if alive(pid)]
    # What it made, this user can take up again.
    with Up(tmp_path) as up:
        up.ready()
        assert up.stop() == 0


def almanac(folder: Path, *arguments: str, program: tuple[str, ...] = ("-m", "almanac"), **env: str):
    """Outcome of one short command."""
    line = [sys.executable, *program, *arguments]
    env = environment(folder, **env)
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
