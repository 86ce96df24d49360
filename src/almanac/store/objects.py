"""A bucket of an S3-compatible store, opened as the settings say; the only place that knows who talks to it.

Keys come from where AWS's own programs look: variables of the environment, a web identity, the container or the machine.
"""

import contextlib
import datetime as dt
import importlib.util
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from almanac import events
from almanac.errors import Misconfigured, StoreAway
from almanac.settings import Settings

if TYPE_CHECKING:
    from obstore import ListStream, ObjectMeta
    from obstore.store import ClientConfig, S3Store


def check(settings: Settings) -> None:
    """Errors: Misconfigured if a store is wanted without the extra `s3`."""
    if settings.bulk_store is not None and importlib.util.find_spec("obstore") is None:
        raise Misconfigured("ALMANAC_BULK_STORE needs the extra: pip install 'climate-almanac[s3]'")


def opened(settings: Settings, *, timeout_s: float, retries: int) -> "S3Store":
    """The folder of the bucket; nothing is asked of it yet. Errors: Misconfigured if that cannot be done as it is set."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - an extra
    from obstore.store import S3Store  # noqa: PLC0415

    bucket, _, folder = (settings.bulk_store or "").removeprefix("s3://").partition("/")
    given: dict[str, Any] = {"endpoint": settings.bulk_store_endpoint, "region": settings.bulk_store_region}
    options: ClientConfig = {"timeout": dt.timedelta(seconds=timeout_s)}
    if (settings.bulk_store_endpoint or "").startswith("http://"):
        options["allow_http"] = True
    try:
        return S3Store(
            bucket,
            prefix=folder or None,
            client_options=options,
            retry_config={"max_retries": retries, "retry_timeout": dt.timedelta(seconds=timeout_s)},
            **{name: value for name, value in given.items() if value is not None},
        )
    except BaseError as error:
        # Its own words may hold what a variable of AWS says.
        raise Misconfigured(f"{settings.bulk_store} cannot be used as it is set ({type(error).__name__})") from None


def listed(store: "S3Store", prefix: str) -> "ListStream[Sequence[ObjectMeta]]":
    """What is below, some at a time; also to be awaited for."""
    import obstore  # noqa: PLC0415 - an extra

    return obstore.list(store, prefix)  # pyright: ignore[reportUnknownMemberType]


@contextlib.contextmanager
def told(place: str) -> Generator[None]:
    """Say in our words that the store did not do what it was asked. Errors: StoreAway, also for what is not there.

    Its own words are left out: they hold addresses, and may hold keys.
    """
    from obstore.exceptions import BaseError  # noqa: PLC0415 - an extra

    try:
        yield
    except (BaseError, TimeoutError, FileNotFoundError) as error:
        events.emit(events.BulkStoreUnavailable(error=type(error).__name__))
        raise StoreAway(f"{place} cannot be reached or refuses ({type(error).__name__})") from None
