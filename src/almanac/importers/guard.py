"""What is looked at before a file is opened: that it is a file, and that a workbook unpacks and opens within bounds.

calamine holds a whole sheet, with a place for every cell between the first and the last and a copy of a text for every cell
that shows it, so a workbook of some kilobytes can ask for gigabytes. What it asks for is tried in a process of its own.
"""

import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

from almanac.errors import BadFile

# The largest register of 14,000 companies unpacks to 18 MB.
_UNPACKED_MAX_BYTES = 200_000_000
_OPENED_MAX_BYTES = 384_000_000
_OPENED_MAX_S = 60
_CHUNK_BYTES = 1 << 20
_ENCRYPTED_FLAG = 0x1
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*[\[{"\d\]]|\{\s*["}])')
_PROBE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[2]),) * 2)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from python_calamine import CalamineError, CalamineWorkbook
try:
    book = CalamineWorkbook.from_path(sys.argv[1])
    for one in book.sheets_metadata:
        book.get_sheet_by_name(one.name)
except CalamineError as error:
    print(error)
    sys.exit(3)
"""


def check_file(path: Path) -> None:
    """Refuse what is no file: a folder, a pipe, a device, nothing at all, or a name that is no text. Errors: BadFile."""
    if not path.name.isprintable():
        raise BadFile(f"{str(path)!a}: has a name that is no text on one line; rename it")
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        what = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
        raise BadFile(f"{path}: is {what.get(stat.S_IFMT(mode), 'a device')}, and a file is wanted")


def looks_like_json(path: Path) -> bool:
    """Whether a file begins as JSON does: with an array or an object. Errors: BadFile."""
    try:
        with path.open("rb") as file:
            return _JSON.match(file.read(1024)) is not None
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from error


def check_workbook(path: Path) -> None:
    """Refuse a zip archive that is damaged, locked, no workbook, or larger inside than is read. Errors: BadFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(path, archive.infolist())
            for member in archive.infolist():
                _unpack(path, archive, member)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError) as error:
        raise BadFile(f"{path}: is cut short or damaged, as a zip archive and so as an .xlsx file: {error}") from error
    _try(path)


def _check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if any(member.flag_bits & _ENCRYPTED_FLAG for member in members):
        raise BadFile(f"{path}: is protected by a password; save it without one")
    for name in names:
        if name.startswith("/") or ".." in name.replace("\\", "/").split("/"):
            raise BadFile(f"{path}: names a place outside itself, {name[:100]!r}; no spreadsheet program writes that")
    if len(set(names)) < len(names):
        raise BadFile(f"{path}: holds a part of itself twice; no spreadsheet program writes that")
    if (unpacked := sum(member.file_size for member in members)) > _UNPACKED_MAX_BYTES:
        raise BadFile(f"{path}: would unpack to {unpacked:,} bytes; at most {_UNPACKED_MAX_BYTES:,} are read")
    if "xl/workbook.xml" not in names:
        raise BadFile(f"{path}: is a zip archive and no Excel workbook: it has no xl/workbook.xml")


def _unpack(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack a part to the end: zipfile stops at the size that it declares, and tells by its checksum if there is more."""
    tail = b""
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK_BYTES):
            if member.filename.endswith((".xml", ".rels")) and _DECLARES.search(tail + chunk):
                raise BadFile(f"{path}: {member.filename} declares entities; no spreadsheet program writes that")
            tail = chunk[-16:]


def _try(path: Path) -> None:
    """Open the workbook where it may ask for too much. Cost: as much again as opening it, and 50 ms."""
    command = [sys.executable, "-I", "-c", _PROBE, str(path), str(_OPENED_MAX_BYTES)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_OPENED_MAX_S, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise BadFile(f"{path}: takes longer than {_OPENED_MAX_S} s to open; save it as .csv") from None
    if done.returncode == 3:
        raise BadFile(f"{path}: is damaged or no Excel workbook: {' '.join(done.stdout.split())}")
    if done.returncode != 0:
        raise BadFile(f"{path}: needs over {_OPENED_MAX_BYTES:,} bytes of memory to open; save it as .csv")
