import pytest

from tests.client import Client
from tests.contract.urls import OPERATIONS, urls


@pytest.fixture(scope="session")
def known(api: Client) -> dict[str, str]:
    """One URL with data for each operation id."""
    found = urls(api)
    assert found.keys() == OPERATIONS.keys()
    return found
