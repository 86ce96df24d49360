"""What a caller writes over the client that openapi-python-client generates as `almanac_client`: checked for types, then run.

python read.py http://127.0.0.1:8000
"""

import sys

from almanac_client import Client
from almanac_client.api.companies import read_company
from almanac_client.api.disclosures import list_versions
from almanac_client.api.emissions import list_emissions
from almanac_client.models import AnyVersionPage, CompanyProfileAnswer, Emission, EmissionPage, Problem
from almanac_client.types import UNSET, Unset


def read(client: Client) -> tuple[int, str]:
    """A company, a list in pages, versions and a problem. Number of rows, and the company's ETag."""
    company = read_company.sync_detailed("lei:3003004FBGVVG1CW5U45", client=client)
    assert isinstance(company.parsed, CompanyProfileAnswer)
    assert company.parsed.data.id == "zte"

    rows: list[Emission] = []
    cursor: str | Unset = UNSET
    while True:
        page = list_emissions.sync(client=client, company="netflix", limit=5, cursor=cursor)
        assert isinstance(page, EmissionPage)
        rows += page.data
        if page.meta.next_cursor is None:
            break
        cursor = page.meta.next_cursor
    whole = list_emissions.sync(client=client, company="netflix", limit=500)
    assert isinstance(whole, EmissionPage)
    assert [row.id for row in rows] == [row.id for row in whole.data]
    assert len(rows) > 5
    assert all(row.value is None or isinstance(row.value, (int, float)) for row in rows)

    versions = list_versions.sync(str(rows[0].id), client=client)
    assert isinstance(versions, AnyVersionPage)
    assert versions.data[0].version == 1

    missing = read_company.sync_detailed("no-such-company", client=client)
    assert isinstance(missing.parsed, Problem)
    assert (missing.status_code, missing.parsed.type_) == (404, "/problems/not-found")

    return len(rows), company.headers["etag"]


def main(base: str) -> None:
    """All of that, and then an answer that is held already."""
    with Client(base, raise_on_unexpected_status=True) as client:
        count, etag = read(client)
    with Client(base, headers={"If-None-Match": etag}) as held:
        same = read_company.sync_detailed("lei:3003004FBGVVG1CW5U45", client=held)
    assert (same.status_code, same.content) == (304, b"")
    sys.stdout.write(f"{count} rows\n")


if __name__ == "__main__":
    main(sys.argv[1])
