"""The records that come with the program: published once, a file at a time, into a store of our own."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from almanac.kinds import KINDS
from almanac.publish import batch
from almanac.publish.publish import publish
from almanac.store.db import PUBLISHER, connect
from almanac.store.migrate import migrate
from almanac.store.queries import QUERIES

Say = Callable[[str], None]

_DATA = Path(__file__).parent / "data"


def load(url: str, state_dir: Path, say: Say) -> None:
    """Migrate, then publish what is missing, if the store is empty or was filled from here before.

    What was published is noted in `state_dir`, so that a first start that was cut short is taken up again.
    """
    note = _Note(state_dir / "bundled.txt")
    if applied := asyncio.run(migrate(url)):
        say(f"Applied {len(applied)} migrations.")
    asyncio.run(_publish(url, note, say))


class _Note:
    """Names of the files published, one a line. That it is there says that the store is filled from here."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.exists = path.exists()
        self.names = path.read_text("utf-8").split() if self.exists else []

    def begin(self) -> None:
        self.names.clear()
        self._path.write_text("", "utf-8")

    def add(self, name: str) -> None:
        self.names.append(name)
        self._path.write_text("\n".join(self.names) + "\n", "utf-8")


async def _publish(url: str, note: _Note, say: Say) -> None:
    connection = await connect(url, PUBLISHER)
    try:
        # Noted before anything is published: a file that was published and not noted is published again, which is nothing.
        if not await connection.fetch(QUERIES["editions/since"], 0):
            note.begin()
        elif not note.exists:
            return
        missing = [path for path in sorted(_DATA.glob("*.ndjson")) if path.name not in note.names]
        if not missing:
            return
        editions = 0
        for path in missing:
            report = await publish(connection, batch.read(path, KINDS), kinds=KINDS)
            editions += report.edition is not None
            note.add(path.name)
        say(f"Published {len(missing)} bundled files as {editions} editions.")
    finally:
        await connection.close()
