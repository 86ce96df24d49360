"""Parquet files from flat ones: typed, compressed, sorted as the flat file is, in groups that a reader can skip.

Made from the flat file and not from the database: what one says the other says.
"""

import asyncio
import functools
import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib import metadata
from pathlib import Path
from typing import Any

from almanac.columns import Column
from almanac.errors import Misconfigured, Unavailable
from almanac.store.child import end_with_parent

GROUP_ROWS = 32_768
DIGITS, DECIMALS = 38, 12
_FITS = rf"^-?[0-9]{{1,{DIGITS - DECIMALS}}}(\.[0-9]{{1,{DECIMALS}}})?$"
_BLOCK_BYTES = 1 << 17  # read ahead several times over
_ZSTD_LEVEL = 1


def version() -> str:
    """Version of the library. Errors: Misconfigured if the extra `bulk` is not installed."""
    try:
        return metadata.version("pyarrow")
    except metadata.PackageNotFoundError as error:
        raise Misconfigured("snapshots need pyarrow: pip install 'climate-almanac[bulk]'") from error


async def convert(
    flat: Path, target: Path, columns: Sequence[Column], sorted_by: Sequence[str] = ("company", "id")
) -> int:
    """`write` in a process of its own, which keeps the library's memory and its work out of this one.

    Errors: as `write`; Unavailable if the process was ended twice from outside, as systems do that run out of memory.
    """
    for _ in range(2):
        try:
            return await asyncio.get_running_loop().run_in_executor(_process(), write, flat, target, columns, sorted_by)
        except BrokenProcessPool:
            _process.cache_clear()
    raise Unavailable("The process that writes Parquet was ended twice from outside; it may need more memory.")


@functools.cache
def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        max_workers=1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=end_with_parent,
        initargs=(signal.SIGKILL, os.getpid()),
    )


def _arrow() -> Any:
    """The library, which is an extra: serving needs none of it."""
    if sys.platform == "linux":
        # Its own choice holds back 60 MB more; read when it first asks for memory.
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
    for part in ("compute", "csv", "parquet"):
        importlib.import_module(f"pyarrow.{part}")
    return importlib.import_module("pyarrow")


def columns_of(columns: Sequence[Column]) -> list[Column]:
    """Columns of the Parquet file: a number is followed by its digits where the decimal type cannot hold them."""
    found: list[Column] = []
    for column in columns:
        found.append(column)
        if column.type == "number":
            told = (
                f"The digits of `{column.name}` where DECIMAL({DIGITS}, {DECIMALS}) cannot hold them; otherwise null. "
                f"Exactly one of the two is set where there is a number."
            )
            found.append(Column(name=f"{column.name}_exact", type="string", description=told, required=False))
    return found


def write(flat: Path, target: Path, columns: Sequence[Column], sorted_by: Sequence[str] = ("company", "id")) -> int:
    """Write the Parquet file of a gzipped flat one; its number of rows. Errors: OSError where the disk is full."""
    pa = _arrow()
    schema = _schema(pa, columns)
    rows = 0
    writing = pa.parquet.ParquetWriter(
        target,
        schema,
        compression="zstd",
        compression_level=_ZSTD_LEVEL,
        sorting_columns=[
            pa.parquet.SortingColumn(schema.get_field_index(name)) for name in sorted_by if name in schema.names
        ],
        write_page_index=True,
    )
    # The next group is read while this one is written; no more than one, so memory is bounded.
    with ThreadPoolExecutor(1) as reader, writing as writer:
        groups = _groups(pa, flat, columns)
        coming = reader.submit(next, groups, None)
        while (group := coming.result()) is not None:
            coming = reader.submit(next, groups, None)
            table = _typed(pa, group, columns, schema)
            writer.write_table(table, row_group_size=GROUP_ROWS)
            rows += table.num_rows
    return rows


def _groups(pa: Any, flat: Path, columns: Sequence[Column]) -> Iterator[Any]:
    """The flat file as tables of text, a row group each."""
    held: list[Any] = []
    count = 0
    with pa.input_stream(str(flat), compression="gzip") as source:
        reader = pa.csv.open_csv(
            source,
            read_options=pa.csv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(
                column_types={column.name: _read_as(pa, column) for column in columns},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                true_values=["true", "t"],
                false_values=["false", "f"],
            ),
        )
        for batch in reader:
            held.append(batch)
            count += batch.num_rows
            while count >= GROUP_ROWS:
                table = pa.Table.from_batches(held)
                yield table.slice(0, GROUP_ROWS)
                held = table.slice(GROUP_ROWS).to_batches()
                count -= GROUP_ROWS
        if count:
            yield pa.Table.from_batches(held)


def _typed(pa: Any, table: Any, columns: Sequence[Column], schema: Any) -> Any:
    made: list[Any] = []
    for column in columns:
        read = table.column(column.name).combine_chunks()
        if column.type == "number":
            made += _numbers(pa, read)
        elif column.type == "list":
            split = pa.compute.split_pattern(read, ",")
            made.append(pa.compute.coalesce(split, pa.scalar([], split.type)))  # nothing is an empty list
        elif column.values:
            made.append(read.dictionary_encode())
        else:
            made.append(read)
    return pa.Table.from_arrays(made, schema=schema)


def _numbers(pa: Any, read: Any) -> list[Any]:
    """The numbers that the decimal type holds exactly, and the text of the others."""
    fits = pa.compute.match_substring_regex(read, _FITS)
    none = pa.scalar(None, pa.string())
    return [
        pa.compute.cast(pa.compute.if_else(fits, read, none), pa.decimal128(DIGITS, DECIMALS)),
        pa.compute.if_else(fits, none, read),
    ]


def _read_as(pa: Any, column: Column) -> Any:
    known = {"integer": pa.int64(), "boolean": pa.bool_(), "date": pa.date32()}
    return known.get(column.type, pa.string())


def _schema(pa: Any, columns: Sequence[Column]) -> Any:
    fields: list[Any] = []
    for column in columns_of(columns):
        kind = _read_as(pa, column)
        if column.type == "number":
            kind = pa.decimal128(DIGITS, DECIMALS)
        elif column.type == "list":
            kind = pa.list_(pa.string())
        elif column.values:
            kind = pa.dictionary(pa.int32(), pa.string())
        fields.append(pa.field(column.name, kind, metadata={"description": column.description}))
    return pa.schema(fields)
