"""How the tests of this folder order exports, have them made, and read what was made."""

import asyncio
import gzip
import json
import os
from pathlib import Path

import httpx
from msgspec import Struct

from almanac.exports.worker import Worker
from almanac.kinds import KINDS
from almanac.settings import Secret, Settings
from tests.api.test_submissions import fetch
from tests.client import Client
from tests.forked import Command

URL = "/v1/exports"
running: list[Command] = []


class Shop(Struct, frozen=True):
    """A server that takes orders, its database, and the folder of its files."""

    api: Client
    url: str
    folder: Path

    def order(self, kind: str = "emissions", form: str = "csv.gz", body: dict | None = None, **headers: str):
        """One POST of an order; what `body` has goes before the rest."""
        told = {"kind": kind, "format": form} | (body or {})
        return post(self.api, json.dumps(told).encode(), **headers)

    def work(self, **settings: object) -> None:
        """Have all that is ordered made, in this process."""
        own = {"database_url": Secret(self.url), "bulk_dir": str(self.folder)} | settings
        asyncio.run(Worker(Settings(**own), self.url, self.url, KINDS).run(once=True))

    def made(self, kind: str = "emissions", form: str = "csv.gz", **filters: object) -> dict:
        """An export, ordered and made."""
        answer = self.order(kind, form, {"filters": filters})
        assert answer.status_code in (200, 202), answer.text
        self.work()
        return self.read(answer)

    def read(self, answer: httpx.Response) -> dict:
        """The export of an answer as it is now."""
        return self.api.data(f"{URL}/{answer.json()['data']['id']}")

    def file(self, export: dict) -> bytes:
        """The file of an export, as served."""
        assert export["status"] == "done", export
        answer = self.api.get(export["file"]["url"])
        assert answer.status_code == 200
        assert len(answer.content) == export["file"]["size_bytes"]
        return answer.content

    def lines(self, export: dict) -> list[bytes]:
        """The lines of a packed file."""
        return gzip.decompress(self.file(export)).splitlines(keepends=True)

    def pages(self, kind: str, query: str = "", limit: int = 20) -> list[dict]:
        """Every row of a list, page by page."""
        url, rows = f"/v1/{kind}?limit={limit}{query and '&'}{query}", []
        while url:
            answer = self.api.get(url)
            assert answer.status_code == 200, answer.text
            rows += answer.json()["data"]
            url = answer.links.get("next", {}).get("url")
        return rows

    def closed(self) -> set[str]:
        """Documents whose answers may not be given on."""
        rows = fetch(self.url, "select source_id::text as id from source where not redistributable")
        return {row["id"] for row in rows}

    def command(self, **settings: str) -> Command:
        """A worker as it is run beside a server; it is ended with the test."""
        own = {"ALMANAC_DATABASE_URL": self.url, "ALMANAC_BULK_DIR": str(self.folder)}
        own |= {f"ALMANAC_{name.upper()}": value for name, value in settings.items()}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")}
        process = Command(["bulk", "exports"], inherited | own)
        running.append(process)
        return process


def post(api: Client, content: bytes, **headers: str) -> httpx.Response:
    """One POST as given; the answer is checked against the contract."""
    return api.post(URL, content, **{"Content_Type": "application/json"} | headers)
