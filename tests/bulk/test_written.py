"""Packed files are the same everywhere, and the rows that PostgreSQL copies out are read whole."""

import gzip
import random
import struct
from pathlib import Path

import msgspec
import pytest
from zlib_ng import zlib_ng

from almanac.bulk import rows, written
from almanac.bulk.written import File, Gzip

WORDS = ("scope 1", "scope 2", "t CO2e", "restated", "Aktiebolaget", "é", "\U0001f30d", '"quoted"')


def text(lines: int) -> bytes:
    """Lines like those of a corpus, the same every time."""
    chosen = random.Random(1)
    made = (
        {
            "id": chosen.randbytes(16).hex(),
            "value": chosen.randrange(10**9),
            "note": " ".join(chosen.choices(WORDS, k=9)),
        }
        for _ in range(lines)
    )
    return b"".join(msgspec.json.encode(one) + b"\n" for one in made)


def packed(path: Path, content: bytes, sizes: random.Random, most: int) -> File:
    """A file of this content, handed over in pieces of up to so many bytes."""
    file, at = Gzip(path), 0
    while at < len(content):
        size = sizes.randint(1, most)
        file.write(content[at : at + size], 0)
        at += size
    made = file.close()
    assert gzip.decompress(path.read_bytes()) == content
    return made


def digests(folder: Path) -> set[str]:
    """Of one content in pieces of many sizes."""
    content = text(6000)
    most = (len(content), 2_000_000, 300_000, 70_001, 4_096, 1_000)
    return {packed(folder / f"{n}.gz", content, random.Random(n), size).sha256 for n, size in enumerate(most)}


def test_a_file_is_the_same_however_it_was_handed_over(tmp_path: Path):
    assert len(digests(tmp_path)) == 1


def test_at_another_level_it_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Control: why the fastest level is not taken."""
    monkeypatch.setattr(written, "_LEVEL", 1)
    assert len(digests(tmp_path)) > 1


def test_a_file_is_the_same_on_every_processor(tmp_path: Path):
    """The digest was noted once. Another one means another release of zlib-ng, or that partners see other bytes elsewhere."""
    assert zlib_ng.ZLIBNG_RUNTIME_VERSION == "2.3.3"
    made = packed(tmp_path / "one.gz", text(6000), random.Random(1), 70_001)
    assert (made.content_sha256, made.sha256) == (
        "3d56629006eed052b8bc16e934befe650fdd9b33defc6a4c05d34a405ee659a3",
        "0bce57a785750e535ab36506d7771364da90354cbf141afeea45adab894b195f",
    )


def test_rows_are_read_whole_wherever_a_block_ends():
    values = [b"{}", b"", b"x" * 300, "né".encode()]
    data = b"".join(struct.pack("!hi", 1, len(one)) + one for one in values)
    for cut in range(len(data) + 1):
        found: list[bytes] = []
        end = rows._values(data[:cut], 0, found)
        last = rows._values(data[end:] + b"\xff\xff", 0, found)
        assert found == values
        assert data[end + last :] == b""
