"""Servers of our own, for `almanac up` and for tests: `postgres(folder)` and `redis(folder)`."""

from almanac.store.embedded_postgres import Profile, postgres, running
from almanac.store.embedded_redis import redis
from almanac.store.process import Server

__all__ = ["Profile", "Server", "postgres", "redis", "running"]
