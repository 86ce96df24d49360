"""Which worker runs which test, and when: what takes long first, what has to be alone last, a costly load in one worker only.

A plugin of pytest, for runs with workers.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# What the tests of these modules, or of all modules of a folder, look at takes long to make: one worker makes it for a group.
# (The groups of xdist do not work with this pytest, which lets nobody write to the id of a test.)
GROUPS = (
    ("tests/importers/test_sbti_registers.py",),
    ("tests/importers/test_any_order.py",),
    ("tests/importers/test_releases.py",),
    ("tests/importers/test_number_files.py",),
    ("tests/partner/",),
    tuple(
        f"tests/bulk/test_{name}.py"
        for name in (
            "disk_full",
            "interrupted",
            "manifest",
            "prune_live",
            "readers",
            "snapshot",
            "store",
            "store_http",
        )
    ),
    ("tests/faults/test_redis.py",),
    ("tests/up/test_up.py",),
)


def together(nodeid: str) -> str | None:
    """The group that a test belongs to, by the first module or folder of it; None for most."""
    return next((group[0] for group in GROUPS if nodeid.startswith(group)), None)


class Spread(LoadScopeScheduling):
    """Hands out tests one by one, in their order, and those that belong together as one."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid) or nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spread:
    """Ours, whatever `--dist` says."""
    return Spread(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, so that no worker is left with it at the end."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if item.get_closest_marker("alone"):
        return 3
    if together(item.nodeid):
        return 0
    return 1 if item.get_closest_marker("slow") else 2
