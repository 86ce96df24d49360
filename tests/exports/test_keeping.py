"""What is kept and for how long: exports expire, their files go, and nothing that a manifest names is ever touched."""

import asyncio
import datetime as dt
import json
from pathlib import Path

import asyncpg
import pytest

from almanac.bulk.snapshot import snapshot
from almanac.exports.files import ExportFiles
from almanac.kinds import KINDS
from almanac.store.bulk_folder import BulkFolder
from almanac.store.queries import QUERIES
from tests.api.batches import execute
from tests.api.test_submissions import fetch
from tests.bulk.published import contents
from tests.exports.orders import URL, Shop


def expire(shop: Shop, export: dict) -> None:
    fetch(
        shop.url,
        "update export set received_at = now() - interval '8 days', expires_at = now() - interval '1 second' "
        "where export_id = $1::text::uuid",
        export["id"],
    )


def test_an_expired_export_loses_its_file_and_is_forgotten_later(shop: Shop):
    made = shop.made("certifications", "csv.gz")
    assert shop.file(made)
    expire(shop, made)
    assert shop.api.data(f"{URL}/{made['id']}")["status"] == "expired"
    shop.work()
    assert shop.api.get(made["file"]["url"]).status_code == 404
    told = shop.api.data(f"{URL}/{made['id']}")
    assert (told["status"], told["file"]) == ("expired", None)
    long_ago = "received_at = now() - interval '15 days', expires_at = now() - interval '8 days'"
    execute(shop.url, f"update export set {long_ago} where expires_at < now()")
    shop.work()
    assert shop.api.get(f"{URL}/{made['id']}").status_code == 404
    again = shop.made("certifications", "csv.gz")
    assert again["file"] == made["file"], "made anew it is the same"


def test_a_file_stays_while_anybody_wants_it(shop: Shop):
    first, second = shop.made("ratings", "csv.gz"), shop.made("ratings", "csv.gz")
    expire(shop, first)
    shop.work()
    assert shop.file(shop.api.data(f"{URL}/{second['id']}")), "the other one keeps it"
    shop.api.delete(f"{URL}/{second['id']}")
    shop.work()
    assert shop.api.get(second["file"]["url"]).status_code == 404, "control: nobody does"


def test_who_orders_again_what_is_being_tidied_away_has_it(shop: Shop):
    """The order is under way while a worker looks for what nobody wants, and comes before the worker has the job."""
    made = shop.made("ratings", "ndjson.gz")
    expire(shop, made)

    async def both() -> str:
        ordering = await asyncpg.connect(shop.url)
        try:
            take = ordering.transaction()
            await take.start()
            named = "select job_id, wanted from export_job where encode(sha256, 'hex') = $1"
            job = await ordering.fetchrow(named, made["file"]["sha256"])
            await ordering.execute(QUERIES["exports/want"], *job, None)
            await ordering.execute(QUERIES["exports/add"], job["job_id"], bytes(32), None, bytes(32), 7)
            tidying = asyncio.create_task(asyncio.to_thread(shop.work))
            while not await ordering.fetch("select from pg_locks where not granted"):
                assert not tidying.done(), "control: the worker comes upon the order"
                await asyncio.sleep(0.02)
            await take.commit()
            await tidying
            return await ordering.fetchval("select status from export_job where job_id = $1", job["job_id"])
        finally:
            await ordering.close()  # a worker may still wait for it

    assert asyncio.run(asyncio.wait_for(both(), 30)) == "done"
    assert shop.api.get(made["file"]["url"]).status_code == 200


def test_lists_that_say_the_same_share_a_file_and_one_keeps_it_for_the_other(shop: Shop):
    """Two jobs, one content: no company has an award of 1901 or of 1902."""
    first, second = (shop.made("awards", "ndjson.gz", year=year) for year in (1901, 1902))
    assert first["file"]["url"] == second["file"]["url"]
    expire(shop, first)
    shop.work()
    assert shop.file(shop.api.data(f"{URL}/{second['id']}")) is not None


def test_what_a_manifest_names_is_never_removed(shop: Shop):
    asyncio.run(snapshot(shop.url, BulkFolder(shop.folder), KINDS))
    before = contents(shop.folder)
    made = shop.made("targets", "csv.gz")
    expire(shop, made)
    shop.work()
    assert contents(shop.folder) == {name: held for name, held in before.items() if name in contents(shop.folder)}
    assert {name for name in before if "/almanac-" not in name} <= contents(shop.folder).keys()


def test_a_name_of_ours_in_a_manifest_is_kept_too(tmp_path: Path):
    sha256, name = "a" * 64, "almanac-awards-edition-1.csv.gz"
    for folder in (f"files/{sha256}", f"files/{'b' * 64}", f"files/{'c' * 64}", "snapshots/1"):
        (tmp_path / folder).mkdir(parents=True)
    for place in (
        f"files/{sha256}/{name}",
        f"files/{'b' * 64}/{name}",
        f"files/{'c' * 64}/emissions-current-0001.csv.gz",
    ):
        (tmp_path / place).write_bytes(b"x")
    manifest = {"resources": [{"hash": f"sha256:{sha256}", "path": name}]}
    (tmp_path / "snapshots/1/datapackage.json").write_text(json.dumps(manifest))
    ExportFiles(BulkFolder(tmp_path)).sweep(set())
    left = {str(path.relative_to(tmp_path)) for path in (tmp_path / "files").rglob("*") if path.is_file()}
    assert left == {f"files/{sha256}/{name}", f"files/{'c' * 64}/emissions-current-0001.csv.gz"}, (
        "ours that nobody names is gone; what a snapshot is about to name is not"
    )


@pytest.mark.parametrize("days", [1, 30])
def test_an_export_says_until_when_it_is_kept(shop: Shop, serve, days: int):
    api = serve(shop.url, None, bulk_dir=str(shop.folder), export_keep_days=str(days))
    data = Shop(api, shop.url, shop.folder).order("awards").json()["data"]
    received, expires = (_instant(data[name]) for name in ("received_at", "expires_at"))
    assert (expires - received).total_seconds() == days * 86_400


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
