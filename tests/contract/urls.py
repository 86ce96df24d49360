"""One URL with real data for each open read of the contract: what the tests of this folder ask for.

What needs a key, or is of one caller (`OWNED`), is asked for in `tests/api/test_submissions.py` and `tests/exports`.
"""

from tests.client import DOCUMENT, Client

ALL = {
    said["operationId"]: (method, path, said) for path, at in DOCUMENT["paths"].items() for method, said in at.items()
}
OWNED = {name: (method, path) for name, (method, path, said) in ALL.items() if "security" in said}
OPERATIONS = {name: path for name, (_, path, _) in ALL.items() if name not in OWNED}
FILES = {name: path for name, path in OPERATIONS.items() if path.startswith("/v1/bulk/")}
STREAM = "stream_changes"
READS = {name: path for name, path in OPERATIONS.items() if path.startswith("/v1/") and name not in {*FILES, STREAM}}
PLAIN = {name: path for name, path in OPERATIONS.items() if not path.startswith("/v1/")}


def urls(api: Client) -> dict[str, str]:
    """URL by operation id, from the examples of the contract and a disclosure that has two versions."""
    (held,) = api.data("/v1/companies/zte/commitments?scheme=sbti&type=net_zero")
    files = _files(api)
    return {name: files.get(name) or _url(path, held) for name, path in OPERATIONS.items()}


def reads(api: Client) -> dict[str, str]:
    """URL by operation id of what is read from the store, which needs no snapshot."""
    (held,) = api.data("/v1/companies/zte/commitments?scheme=sbti&type=net_zero")
    return {name: _url(path, held) for name, path in READS.items()}


def _files(api: Client) -> dict[str, str]:
    """URL of a file of the newest snapshot, of a delta that leads there, and of a file by its content."""
    latest = api.get("/v1/bulk/latest.json").json()
    manifest = api.get(f"/v1/bulk/{latest['manifest']}").json()
    file = manifest["resources"][0]
    return {
        "read_snapshot_file": f"/v1/bulk/snapshots/{latest['edition']}/{file['path']}",
        "read_delta_file": f"/v1/bulk/deltas/{manifest['previous']}-{latest['edition']}/datapackage.json",
        "read_bulk_file": f"/v1/bulk/files/{file['hash'].removeprefix('sha256:')}/{file['path']}",
    }


def _url(path: str, held: dict) -> str:
    needed = [p for p in DOCUMENT["paths"][path]["get"]["parameters"] if p["required"]]
    values = {p["name"]: p.get("example", 1) for p in needed}
    values["id"] = held["source"]["id"] if path.startswith("/v1/sources") else held["id"]
    for parameter in needed:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(values[parameter["name"]]))
    if path == "/v1/changes":
        return f"{path}?after=1"  # its first page is full, and for ever
    query = "&".join(f"{p['name']}={values[p['name']]}" for p in needed if p["in"] == "query")
    return f"{path}?{query}" if query else path


def also(url: str, query: str) -> str:
    """The URL with one more parameter."""
    return f"{url}{'&' if '?' in url else '?'}{query}"
