"""What the contract says of the forms that an answer comes in."""

from collections.abc import Sequence
from typing import Any

from almanac.kind import Kind
from almanac.web import schema
from almanac.web.flat import cells
from almanac.web.operation import Operation
from almanac.web.represent import JSON, REPRESENTATIONS, offered

Json = dict[str, Any]


def contents(operation: Operation, envelope: str) -> Json:
    """Media types of an answer: JSON by its schema, the others by what they are."""
    return {
        form.media_type: {"schema": {"$ref": envelope if form is JSON else f"#/components/schemas/{form.name}"}}
        for form in offered(operation)
    }


def components() -> Json:
    """Schemas of the forms that are no JSON of ours; `x-suffix` names each in a path."""
    return {
        form.name: {**form.shape, "description": f"{form.about} `{form.suffix}`.", "x-suffix": form.suffix}
        for form in REPRESENTATIONS
        if form is not JSON
    }


def columns(operations: Sequence[Operation], kinds: Sequence[Kind]) -> str:
    """One line an operation that gives tables: operation_id and its columns in order."""
    lines = [
        f"{operation.id} {','.join(one.column.name for one in cells(operation.row, kinds))}"
        for operation in operations
        if operation.row is not None
    ]
    return "\n".join(sorted(lines)) + "\n"


def headers(operation: Operation) -> Json:
    """Headers that an answer has in some of its forms."""
    forms = offered(operation)
    names = [
        "Content-Encoding",
        *(["X-Total-Count"] if any(form.tabular for form in forms) else []),
        *(["Content-Disposition"] if any(form.saved for form in forms) else []),
    ]
    return schema.refs(*names)
