"""One URL with real data for each open read of the contract: what the tests of this folder ask for.

What needs a key (`KEYED`) is asked for in `tests/api/test_submissions.py`.
"""

from tests.client import DOCUMENT, Client

ALL = {
    said["operationId"]: (method, path, said) for path, at in DOCUMENT["paths"].items() for method, said in at.items()
}
KEYED = {name: (method, path) for name, (method, path, said) in ALL.items() if "security" in said}
OPERATIONS = {name: path for name, (_, path, _) in ALL.items() if name not in KEYED}
READS = {name: path for name, path in OPERATIONS.items() if path.startswith("/v1/")}
PLAIN = {name: path for name, path in OPERATIONS.items() if name not in READS}


def urls(api: Client) -> dict[str, str]:
    """URL by operation id, from the examples of the contract and a disclosure that has two versions."""
    (held,) = api.data("/v1/companies/zte/commitments?scheme=sbti&type=net_zero")
    return {name: _url(path, held) for name, path in OPERATIONS.items()}


def _url(path: str, held: dict) -> str:
    needed = [p for p in DOCUMENT["paths"][path]["get"]["parameters"] if p["required"]]
    values = {p["name"]: p.get("example", 1) for p in needed}
    values["id"] = held["source"]["id"] if path.startswith("/v1/sources") else held["id"]
    for parameter in needed:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(values[parameter["name"]]))
    query = "&".join(f"{p['name']}={values[p['name']]}" for p in needed if p["in"] == "query")
    return f"{path}?{query}" if query else path


def also(url: str, query: str) -> str:
    """The URL with one more parameter."""
    return f"{url}{'&' if '?' in url else '?'}{query}"
