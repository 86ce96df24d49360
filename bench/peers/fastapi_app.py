"""A peer as it is commonly written: FastAPI, SQLAlchemy 2 (async ORM on asyncpg) and pydantic, over the schema `peers`.

The profile reads only what it shows: the company, the newest answer of each kind with its source, and one query that counts.
It has one axis of time less than the product, and no cache. Needs the packages of `requirements/bench.txt`.
"""

import os
from collections.abc import AsyncIterator
from typing import Annotated

from bench.peers import fastapi_shapes as shapes
from bench.peers import fastapi_tables as tables
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import joinedload

database = os.environ["BENCH_DATABASE"].replace("postgresql://", "postgresql+asyncpg://")
engine = create_async_engine(database, pool_size=8, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
KINDS = {
    "emissions": tables.Emission,
    "targets": tables.Target,
    "ratings": tables.Rating,
    "commitments": tables.Commitment,
}


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as one:
        yield one


Session = Annotated[AsyncSession, Depends(session)]


@app.get("/companies/{company}", response_model=shapes.Profile)
async def profile(company: str, session: Session) -> dict[str, object]:
    head = await session.get(tables.Company, company)
    if head is None:
        raise HTTPException(404)
    newest = {}
    for name, table in KINDS.items():
        newest[name] = await session.scalar(
            select(table)
            .where(table.company_id == company)
            .order_by(table.known_from.desc(), table.seq.desc())
            .limit(1)
            .options(joinedload(table.source))
        )
    counts = union_all(
        *(
            select(
                literal(name).label("kind"),
                func.count().label("disclosures"),
                func.min(table.known_from).label("first_known_from"),
                func.max(table.known_from).label("last_known_from"),
            ).where(table.company_id == company)
            for name, table in KINDS.items()
        )
    )
    coverage = (await session.execute(counts)).mappings().all()
    return {
        "id": head.id,
        "name": head.name,
        "country": head.country,
        "identifiers": head.body["identifiers"],
        "newest": newest,
        "coverage": [one for one in coverage if one["disclosures"]],
    }


@app.get("/emissions", response_model=shapes.Emissions)
async def emissions(metric: str, year: int, session: Session, after: str = "", limit: int = 100) -> dict[str, object]:
    table = tables.Emission
    found = await session.scalars(
        select(table)
        .where(table.metric == metric, table.year == year, table.company_id > after)
        .order_by(table.company_id)
        .limit(limit)
        .options(joinedload(table.source))
    )
    return {"data": found.all()}
