"""The files that a source of tables reads, with what their folders say; options that a source does not have."""

from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import polars as pl
from msgspec import Struct

from roadworthy.data.places import files_of, places
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.nearest import did_you_mean

BROKEN = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What polars raises where a file is damaged."""

_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


class TableFile(Struct, frozen=True, kw_only=True):
    """One file of a table.

    Attributes:
        name: relative to the fixed part of the declared path, for provenance.
        partition: values that the folders above it say (`year=2024/month=05`), as text; null is missing.
    """

    path: Path
    name: str
    partition: dict[str, str | None]


def table_files(declared: Source, root: Path, *, endings: Collection[str], parted: bool = False) -> Iterator[TableFile]:
    """The declared file, or those of a folder or glob, sorted by name.

    A file that is named, or that a glob stands for, is taken whatever its ending. Of a folder only the files with these
    endings are, and none whose name begins with `.` or `_`; links are not followed.

    Args:
        endings: in small letters, with the full stop.
        parted: whether `name=value` folders give columns.

    Raises:
        SourceError: if nothing lies there.
    """
    for place in places(declared, root):
        for path in files_of(place.path):
            inside = path.relative_to(place.path).as_posix() if place.path.is_dir() else ""
            if inside and not _wanted(PurePosixPath(inside), endings):
                continue
            name = f"{place.name}/{inside}" if inside else place.name
            yield TableFile(path=path, name=name, partition=_partition(name) if parted else {})


class BrokenOffError(Exception):
    """A file of a table that cannot be read to its end; holds how many rows came before."""

    def __init__(self, rows: int, why: str) -> None:
        super().__init__(why)
        self.rows = rows


def read_parts(table: pl.LazyFrame, *, size: int) -> Iterator[pl.DataFrame]:
    """The rows in order, in parts; an empty table gives one empty part.

    Raises:
        BrokenOffError: if a file is damaged, or fewer rows come than it says that it holds: a reader that fails in a
            thread of its own ends as if all were read.
    """
    rows = 0
    try:
        expected = table.select(pl.len()).collect().item()
        for part in table.collect_batches(chunk_size=size, maintain_order=True):
            if part.height:
                yield part
                rows += part.height
        if not expected:
            yield table.head(0).collect()
    except BROKEN as err:
        raise BrokenOffError(rows, (str(err).splitlines() or [type(err).__name__])[0]) from err
    if rows != expected:
        raise BrokenOffError(rows, f"{expected:,} rows were said to be there")


def demand_options(declared: Source, known: Collection[str]) -> None:
    """Nothing, if every option is one of these.

    Raises:
        SourceError: naming the first that is not, and the nearest that is.
    """
    for name in declared.options:
        if name not in known:
            raise SourceError(
                f"{name!r} is no option of a source of kind {declared.kind!r}",
                where=f"line {declared.line}, [[data.source]]" if declared.line else "[[data.source]]",
                fix=did_you_mean(name, known),
            )


def _wanted(inside: PurePosixPath, endings: Collection[str]) -> bool:
    return inside.suffix.lower() in endings and not any(part.startswith((".", "_")) for part in inside.parts)


def _partition(name: str) -> dict[str, str | None]:
    """What hive-style folders say.

    >>> _partition("sales/year=2024/place=S%C3%A3o%20Paulo/0.parquet")
    {'year': '2024', 'place': 'São Paulo'}
    """
    said = (part.partition("=") for part in PurePosixPath(name).parts[:-1] if "=" in part)
    return {unquote(key): None if value == _NULL_PARTITION else unquote(value) for key, _, value in said if key}
