"""The machine: which cores do what, and what it is."""

import contextlib
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

Cores = frozenset[int] | None
"""Cores to run on; None where a process cannot be kept on some."""


class Plan(Struct, frozen=True):
    """Who runs where. The server alone on one core; PostgreSQL and Valkey beside the generator where there are but two."""

    server: Cores
    generator: Cores
    store: Cores

    def told(self) -> str:
        """For the report."""
        if self.server is None or self.generator is None or self.store is None:
            return "no process is kept on a core: this system cannot"
        one, other, third = (",".join(map(str, sorted(cores))) for cores in (self.server, self.generator, self.store))
        return f"server on core {one}, generator on {other}, PostgreSQL and Valkey on {third}"


def plan() -> Plan:
    """One core for the server, another for the generator, a third for the stores if there is one."""
    if not hasattr(os, "sched_getaffinity"):
        return Plan(None, None, None)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return Plan(None, None, None)
    return Plan(frozenset(cores[:1]), frozenset(cores[1:2]), frozenset(cores[2:3] or cores[1:2]))


@contextlib.contextmanager
def on(cores: Cores) -> Iterator[None]:
    """Processes that are started meanwhile, and theirs, run on these cores."""
    if cores is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(pid: int) -> float | None:
    """Processor time of a process and all below it, those that ended included; None where /proc does not tell."""
    found: dict[int, tuple[int, int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        found[int(path.parent.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    if pid not in found:
        return None
    below = {pid}
    while more := {one for one, (parent, _) in found.items() if parent in below} - below:
        below |= more
    return sum(found[one][1] for one in below) / os.sysconf("SC_CLK_TCK")


def described() -> dict[str, object]:
    """Processor, cores, memory, system, and how busy it was when the run began."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
