"""Versions of everything that is measured."""

import asyncio
import importlib.metadata
import json
import platform
import subprocess
from pathlib import Path

import asyncpg
import redis
from bench import wrk
from bench.peers.install import Peers

_OURS = ("granian", "litestar", "msgspec", "asyncpg", "redis", "uvloop")
_THEIRS = ("datasette", "fastapi", "sqlalchemy", "pydantic", "uvicorn")


def of_packages() -> dict[str, str]:
    """Python, the generator, what the product runs on, and the commit that is measured."""
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _OURS)
    product = f"commit {_commit()}, Python {platform.python_version()}, {packages}"
    return {"product": product, "generator": f"wrk {wrk.version()}"}


def of_stores(postgres: str, valkey: str) -> dict[str, str]:
    """PostgreSQL and Valkey as they say it of themselves."""
    with redis.Redis.from_url(valkey) as client:
        told = client.info("server")
    version = told.get("valkey_version") or told["redis_version"]
    return {"stores": f"PostgreSQL {asyncio.run(_postgres(postgres))}, Valkey {version}"}


async def _postgres(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("show server_version")
    finally:
        await connection.close()


def of_peers(peers: Peers) -> dict[str, str]:
    """What is measured beside the product."""
    code = "import json, sys, importlib.metadata as m; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    told = subprocess.run([peers.python, "-c", code, *_THEIRS], capture_output=True, text=True, check=True).stdout
    found: dict[str, str] = json.loads(told)
    if peers.postgrest is not None:
        said = subprocess.run([peers.postgrest, "--version"], capture_output=True, text=True, check=False).stdout
        found["PostgREST"] = said.removeprefix("PostgREST").strip()
    return {"peers": ", ".join(f"{name} {version}" for name, version in found.items())}


def _commit() -> str:
    root = Path(__file__).resolve().parents[1]
    git = ["git", "-C", str(root), "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
