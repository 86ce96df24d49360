"""A publisher to be killed: a process that publishes one batch of several hundred rows of two kinds."""

import asyncio
from multiprocessing.process import BaseProcess

from almanac.publish.batch import Batch, CompanyLine, Identifier
from almanac.store.db import PUBLISHER, connect
from tests.forked import CONTEXT
from tests.publish.build import batch, emission, put, row, source

ROWS = 400


def large(number: int) -> Batch:
    """A batch about a company of its own."""
    company = f"company-{number}"
    one = source(f"r{number}", "2023-05-01")
    rows = [
        emission(one.key, f"{n}.5", company=company, period=str(1900 + n % 200), segment=f"s{n}")
        for n in range(ROWS // 2)
    ]
    rows += [row("awards", one.key, company=company, name=f"Award {n}") for n in range(ROWS // 2)]
    line = CompanyLine(
        id=company, name=f"Company {number}", identifiers=[Identifier(scheme="sbti_id", value=str(number))]
    )
    return batch([one], rows, [line])


def start(url: str, number: int) -> BaseProcess:
    """The process, started; forked from one that has imported what it needs."""
    process = CONTEXT.Process(target=_run, args=(url, number), daemon=True)
    process.start()
    return process


def _run(url: str, number: int) -> None:
    asyncio.run(_publish(url, number))


async def _publish(url: str, number: int) -> None:
    connection = await connect(url, PUBLISHER)
    await put(connection, large(number))
    await connection.close()
