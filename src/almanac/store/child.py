"""Becomes another program: one that ends with its parent, and one that PostgreSQL accepts although root starts it.

A script, run as `python -I -S child.py PARENT SIGNAL IDENTITY PROGRAM...`, and not code between fork and exec: that is
unsafe in a process with threads. Linux only does what it says; elsewhere the program simply runs.

Identities: `same` changes nothing; `namespace` is a user namespace in which root has another number, so files stay
root's; `nobody` is user 65534 that keeps root's right to pass folders, for machines that refuse user namespaces.
"""

import contextlib
import ctypes
import os
import sys
from pathlib import Path

NOBODY = 65534

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAP_AMBIENT = 1, 8, 47
_AMBIENT_RAISE = 2
_CAPABILITY_V3 = 0x20080522
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def end_with_parent(signal: int, parent: int) -> None:
    """Have the kernel send `signal` to this process when `parent` dies, also by SIGKILL; exit if it is dead already."""
    if sys.platform != "linux":
        return
    _check(_libc().prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0))
    if os.getppid() != parent:
        os._exit(0)


def _become(identity: str) -> None:
    if identity == "namespace":
        _enter_namespace()
    elif identity == "nobody":
        _become_nobody()


def _enter_namespace() -> None:
    user, group = os.geteuid(), os.getegid()
    _check(_libc().unshare(_CLONE_NEWUSER))
    own = Path("/proc/self")
    (own / "uid_map").write_text(f"1000 {user} 1")
    (own / "setgroups").write_text("deny")
    (own / "gid_map").write_text(f"1000 {group} 1")


def _become_nobody() -> None:
    libc = _libc()
    _check(libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    kept = (1 << _CAP_DAC_OVERRIDE) | (1 << _CAP_DAC_READ_SEARCH)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_V3, 0)
    sets = (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0)
    # Without the right to pass folders it may still do, if every folder on the way is open to all.
    with contextlib.suppress(OSError):
        _check(libc.capset(header, sets))
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            _check(libc.prctl(_PR_CAP_AMBIENT, _AMBIENT_RAISE, capability, 0, 0))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _main(parent: str, signal: str, identity: str, *program: str) -> None:
    _become(identity)
    # After the change of identity, which clears it.
    end_with_parent(int(signal), int(parent))
    os.execv(program[0], program)  # noqa: S606 - the point of this script


if __name__ == "__main__":
    _main(*sys.argv[1:])
