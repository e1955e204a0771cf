"""Typed tables in parts: Parquet, Arrow IPC (Feather) and Arrow streams, alone, in folders and in partitions."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from roadworthy.data.archives import unread
from roadworthy.data.files import BROKEN, BrokenOffError, TableFile, demand_options, read_parts, table_files
from roadworthy.data.source import Given, RawTable, SourceContext
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.nearest import did_you_mean

_PART = 262_144
_OPTIONS = ("columns", "partitions")
_PARQUET = frozenset((".parquet", ".parq", ".pq"))
_ARROW = frozenset((".arrow", ".feather", ".ipc", ".arrows", ".ft"))
_FIRST_FEATHER = b"FEA1"
_STREAM = b"\xff\xff\xff\xff"

Scan = Callable[[Path], pl.LazyFrame]


def parquet(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Every Parquet file that the declared path, folder or glob holds, typed, in parts.

    Options: `columns` (only these), `partitions` (true: folders such as `year=2024` give columns of text).

    Raises:
        SourceError: if no file can be read, a file ends or breaks in the middle, or an option or column is not known.
    """
    yield from _read(declared, context, endings=_PARQUET, scan=_parquet)


def arrow(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Every Arrow file (IPC, Feather version 2) or Arrow stream, typed, in parts. Options: as of `parquet`.

    A stream (`.arrows`) is read into memory as a whole; a file is read in parts.

    Raises:
        SourceError: if no file can be read, a file ends or breaks in the middle, or an option or column is not known.
    """
    yield from _read(declared, context, endings=_ARROW, scan=_arrow)


def _read(declared: Source, context: SourceContext, *, endings: frozenset[str], scan: Scan) -> Iterator[Given]:
    demand_options(declared, _OPTIONS)
    parted = bool(declared.options.get("partitions", True))
    found, first = 0, ""
    context.progress.begin(f"read {declared.path}")
    for file in table_files(declared, context.root, endings=endings, parted=parted):
        table = _opened(file, scan)
        if isinstance(table, str):
            first = first or f"{file.name}: {table}"
            yield unread(file.name, "", table)
            continue
        found += 1
        yield from _parts(table, file, declared)
        context.progress.advance(note=file.name)
    context.progress.end()
    if not found:
        raise SourceError(
            f"no {declared.kind} file was read" + (f"; first: {first}" if first else ""),
            where=f"{declared.path} in {context.root}",
            fix=f"name {declared.kind} files, or a folder that holds some ({', '.join(sorted(endings))})",
        )


def _opened(file: TableFile, scan: Scan) -> pl.LazyFrame | str:
    """The table, its columns known; or why it cannot be read."""
    try:
        if not file.path.stat().st_size:
            return "it is empty"
        table = scan(file.path)
        table.collect_schema()
    except BROKEN as err:
        return f"it is damaged or of another kind ({_first_line(err)})"
    return table


def _parts(table: pl.LazyFrame, file: TableFile, declared: Source) -> Iterator[RawTable]:
    names = table.collect_schema().names()
    beside = {name: value for name, value in file.partition.items() if name not in names}
    known = [*names, *beside]
    wanted = declared.options.get("columns", known)
    for name in wanted:
        if name not in known:
            raise SourceError(f"there is no column {name!r}", where=file.name, fix=did_you_mean(name, known))
    said = [pl.lit(value, pl.String()).alias(name) for name, value in beside.items()]
    chosen = table.with_columns(said).select(wanted)
    line = 1
    try:
        for part in read_parts(chosen, size=_PART):
            yield RawTable(frame=part, archive=file.name, first_line=line)
            line += part.height
    except BrokenOffError as err:
        raise SourceError(
            f"the file breaks off: {err}",
            where=f"{file.name}, after row {err.rows:,}",
            fix="give a whole file; nothing of this one was kept",
        ) from err


def _parquet(path: Path) -> pl.LazyFrame:
    return pl.scan_parquet(path, hive_partitioning=False, glob=False)


def _arrow(path: Path) -> pl.LazyFrame:
    with path.open("rb") as stream:
        head = stream.read(4)
    if head == _FIRST_FEATHER:
        raise OSError("Feather version 1 is not read; write it anew as Feather version 2 or Parquet")
    if head == _STREAM:
        return pl.read_ipc_stream(path).lazy()
    return pl.scan_ipc(path, hive_partitioning=False, glob=False)


def _first_line(err: BaseException) -> str:
    return (str(err).splitlines() or [type(err).__name__])[0]
