"""Files that no publisher writes: workbooks put together part by part, and the import of one in a process of its own."""

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

_HEAD = '<?xml version="1.0"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def _relations(*targets: tuple[str, str]) -> str:
    parts = (
        f'<Relationship Id="rId{n}" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(parts)}</Relationships>'


def parts(rows: str, strings: str = "", before: str = "") -> dict[str, str]:
    """The parts of a workbook whose one sheet has these rows; `before` stands above its root element."""
    sheet = '<sheet name="Data" sheetId="1" r:id="rId1"/>'
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{sheet}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
        ),
        "xl/worksheets/sheet1.xml": f'{_HEAD}{before}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'{_HEAD}<sst xmlns="{_MAIN}">{strings}</sst>',
    }


def packed(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """A zip archive of some members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def row(*cells: object) -> str:
    """One row of a sheet."""
    made = (
        f"<c><v>{cell}</v></c>" if isinstance(cell, int) else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
        for cell in cells
    )
    return f"<row>{''.join(made)}</row>"


class Done(Struct, frozen=True):
    """How an import ended, how long it took, and the most memory that it or a child of it had."""

    code: int
    stdout: str
    stderr: str
    seconds: float
    megabytes: float


_MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], check=False).returncode
print(f"\\n{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.1f}", end="")
sys.exit(code)
"""


def run_import(database: str, *arguments: str | Path, timeout: float = 60) -> Done:
    """`almanac import` in a process of its own, measured."""
    command = [sys.executable, "-c", _MEASURED, sys.executable, "-m", "almanac", "import", *map(str, arguments)]
    environment = {"ALMANAC_DATABASE_URL": database, "PATH": os.environ.get("PATH", "")}
    began = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, timeout=timeout, check=False)
    stdout, _, most = done.stdout.decode("utf-8", "replace").rpartition("\n")
    return Done(done.returncode, stdout, done.stderr.decode("utf-8", "replace"), time.monotonic() - began, float(most))
