"""One run of the generator against one server: rates, latencies, processor time of both ends, and the layer that answered."""

import time
from pathlib import Path

from bench import wrk
from bench.contenders import Server
from bench.layers import Layers
from bench.machine import Plan, cpu_seconds
from bench.points import Point
from msgspec import Struct

# What was under way when the run before ended is answered and logged by then.
_SETTLED_S = 0.3


class Once(Struct, frozen=True):
    """Measures one point, as often as it is called. `notes` takes what makes a figure doubtful."""

    point: Point
    server: Server
    requests: Path
    layers: Layers
    postgres: int | None
    plan: Plan
    seconds: float
    notes: list[str]

    def __call__(self) -> dict[str, float]:
        """The measures of one run, by name. Errors: RuntimeError if anything was refused, failed or not answered."""
        time.sleep(_SETTLED_S)
        self.layers.since()
        before = self._cpu()
        asked = wrk.Asked(self.seconds, self.point.connections, self.point.accept)
        run = wrk.run(self.server.port, self.requests, self.plan.generator, asked)
        spent = {name: (now - before[name]) / run.requests * 1e6 for name, now in self._cpu().items() if run.requests}
        if run.refused or run.failed or not run.requests:
            name = self.point.name
            raise RuntimeError(f"{name}: {run.requests} answers, {run.refused} refusals, {run.failed} failures")
        time.sleep(_SETTLED_S)
        shares = self.layers.since()
        if self.point.layer and shares and shares.get(self.point.layer, 0) < 0.99:
            told = ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
            self.notes.append(f"{self.point.name}: answers came from {told}, not from {self.point.layer}")
        return {
            "rps": run.rps,
            "p50_ms": run.p50_ms,
            "p99_ms": run.p99_ms,
            "bytes": run.bytes / run.requests,
            **spent,
            **{f"from_{name}": share for name, share in shares.items()},
        }

    def _cpu(self) -> dict[str, float]:
        pids = {"server_us": self.server.process.pid, "postgres_us": self.postgres}
        return {name: used for name, pid in pids.items() if pid is not None and (used := cpu_seconds(pid)) is not None}
