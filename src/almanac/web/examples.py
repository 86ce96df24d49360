"""Examples in the contract: answers that a live server gave over the bundled records, each with the request that gave it.

`openapi/examples` holds those of operations and `site/problems` those of problems; tests ask for each anew.
"""

from pathlib import Path
from typing import Any

from almanac.web import problems
from almanac.web.flat import decode

Json = dict[str, Any]

_PROBLEMS = Path(__file__).parent / "site" / "problems"


def add(document: Json, folder: Path) -> None:
    """Put each example where its answer is described."""
    for at in document["paths"].values():
        for said in at.values():
            file = folder / f"{said['operationId']}.json"
            if file.exists():
                content = said["responses"]["200"]["content"]
                name = next(media_type for media_type in content if media_type.endswith("json"))
                content[name]["examples"] = {"bundled": _example(file)}
    for file in sorted(_PROBLEMS.glob("*.json")):
        name = f"Problem{problems.SORTS[file.stem].status}"
        if name not in document["components"]["responses"]:
            continue  # 405 is the answer to a method that the contract does not have
        content = document["components"]["responses"][name]["content"][problems.MEDIA_TYPE]
        content.setdefault("examples", {})[file.stem] = _example(file)


def _example(file: Path) -> Json:
    found = decode(file.read_bytes())
    request: str = found["request"]
    return {"summary": request.splitlines()[0], "value": found["answer"]}
