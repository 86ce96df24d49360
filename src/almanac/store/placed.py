"""Where bulk files are, as the settings say: the one place that chooses between a folder and a store."""

from almanac.settings import Settings
from almanac.store.bulk_folder import BulkFolder
from almanac.store.bulk_place import Place
from almanac.store.objects import check
from almanac.store.shelf import FolderShelf, Shelf


def place(settings: Settings) -> Place:
    """Where to publish. Errors: Misconfigured if the store cannot be used."""
    check(settings)
    if settings.bulk_store is None:
        return BulkFolder(settings.bulk_path)
    from almanac.store.bulk_store import BulkStore  # noqa: PLC0415 - its library is an extra

    return BulkStore(settings)


def shelf(settings: Settings) -> Shelf:
    """Where to read from, to answer. Errors: Misconfigured if the store cannot be used."""
    check(settings)
    if settings.bulk_store is None:
        return FolderShelf(settings)
    from almanac.store.store_shelf import StoreShelf  # noqa: PLC0415 - its library is an extra

    return StoreShelf(settings)
