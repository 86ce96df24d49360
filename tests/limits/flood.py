"""Many requests at once against a live server, with a connection for each client."""

import asyncio
import time
from collections import Counter

import httpx
from msgspec import Struct


class Flood(Struct, frozen=True):
    """How often each status came, and how long each answer took, in seconds."""

    statuses: Counter[int]
    took_s: list[float]
    lasted_s: float

    def slowest(self, share: float) -> float:
        """Time that so large a share of the answers kept within."""
        return sorted(self.took_s)[int(share * (len(self.took_s) - 1))]


def flood(url: str, lasts_s: float, clients: int = 4, pause_s: float = 0.0, **headers: str) -> Flood:
    """Ask for one URL over and over."""
    return asyncio.run(_flood(url, lasts_s, clients, pause_s, headers))


async def _flood(url: str, lasts_s: float, clients: int, pause_s: float, headers: dict[str, str]) -> Flood:
    statuses: Counter[int] = Counter()
    took_s: list[float] = []
    begun = time.monotonic()
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def ask() -> None:
        async with httpx.AsyncClient(timeout=10, headers=named, verify=False) as client:
            while time.monotonic() < begun + lasts_s:
                sent = time.monotonic()
                answer = await client.get(url)
                took_s.append(time.monotonic() - sent)
                statuses[answer.status_code] += 1
                await asyncio.sleep(pause_s)

    await asyncio.gather(*(ask() for _ in range(clients)))
    return Flood(statuses, took_s, time.monotonic() - begun)
