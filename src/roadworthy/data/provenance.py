"""Where a row came from, and whether it still stands there as it was read."""

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

import polars as pl
from msgspec import Struct, field

from roadworthy.data.source import RawTable, ReadSource, SourceContext
from roadworthy.data.texts import as_texts
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.ports import Silent

ORIGINS = "origins.parquet"
"""Beside a snapshot of a table: for each row its key, where it was found, and the mark of its cells."""

_SLICE = 10_000
_LONGEST_KEY = 64


class Origin(Struct, frozen=True, kw_only=True):
    """Where one row came from.

    Attributes:
        row_key: its name in the snapshot.
        found: file, sheet, table and line, pointer or key: `book.xlsx:Sheet1:7`, `shop:orders:4711`.
        state: `same` if the cells there are those that were read, `changed` if they are others, `gone` if there is no
            such place any more.
        cells: column to the text that stands there now; None is missing.
    """

    row_key: str
    found: str
    state: Literal["same", "changed", "gone"]
    cells: dict[str, str | None] = field(default_factory=dict)


def cell_marks(texts: pl.DataFrame, key: bytes) -> pl.Series:
    """A keyed hash of each row's cells and their columns: it tells a change, and only the key could tell what it was.

    >>> one, other = cell_marks(pl.DataFrame({"a": ["1", "2"]}), b"key").to_list()
    >>> len(one), one == other
    (32, False)
    """
    lines = (line for part in texts.iter_slices(_SLICE) for line in part.write_ndjson().encode().splitlines())
    begun = hashlib.blake2b(digest_size=16, key=key[:_LONGEST_KEY])
    return pl.Series("cells", [_marked(begun.copy(), line) for line in lines], dtype=pl.String())


def _marked(begun: Any, line: bytes) -> str:
    begun.update(line)
    return str(begun.hexdigest())


def write_origins(folder: Path, origins: pl.DataFrame, kept: pl.Series) -> None:
    """Write the origins of the rows that were kept beside their snapshot; mails have none."""
    if not origins.is_empty():
        origins.filter(kept).write_parquet(folder / ORIGINS, compression="zstd")


def trace(
    declaration: Declaration,
    *,
    root: Path,
    sources: Catalogue[ReadSource],
    snapshot: Path,
    wanted: Collection[str],
    key: bytes,
) -> list[Origin]:
    """Where rows of a table came from, with their raw cells as they stand there now.

    Sources are read again from the beginning, until all are found.

    Args:
        snapshot: the folder of the snapshot.
        wanted: values of `row_key`.
        key: of the pseudonyms, under which the cells were marked.

    Raises:
        DataError: if the snapshot holds no such row, or no origins (rows of mail have their own: see `data.raw`).
    """
    known = _known(snapshot, wanted)
    context = SourceContext(root=root, target=declaration.problem.target, data=declaration.data, progress=Silent())
    left = {found: (row_key, cells) for row_key, found, cells in known.iter_rows()}
    origins: dict[str, Origin] = {}
    for declared in declaration.data.sources:
        if not left:
            break
        for given in sources[declared.kind](declared, context=context):
            if isinstance(given, RawTable):
                _look(given, left, origins, key)
            if not left:
                break
    for found, (row_key, _) in left.items():
        origins[row_key] = Origin(row_key=row_key, found=found, state="gone")
    return [origins[row_key] for row_key in known["row_key"]]


def _known(snapshot: Path, wanted: Collection[str]) -> pl.DataFrame:
    place = snapshot / ORIGINS
    if not place.is_file():
        raise DataError(
            "this snapshot holds no origins of rows", where=str(snapshot), fix="for mail use roadworthy.data.raw"
        )
    whole = pl.read_parquet(place)
    known = whole.filter(pl.col("row_key").is_in(list(wanted)))
    missing = set(wanted) - set(known["row_key"])
    if missing:
        name = min(missing)
        raise DataError(
            f"there is no row {name!r}", where=str(snapshot), fix=did_you_mean(name, whole["row_key"].head(1_000))
        )
    return known


def _look(given: RawTable, left: dict[str, tuple[str, str]], origins: dict[str, Origin], key: bytes) -> None:
    """Take what is wanted out of one part of a table."""
    hits = given.row_names().is_in(list(left)).arg_true()
    if hits.is_empty():
        return
    texts = as_texts(given.frame[hits])
    names, marks = given.row_names().gather(hits), cell_marks(texts, key)
    rows = texts.rows(named=True)
    for found, mark, cells in zip(names, marks, rows, strict=True):
        if found in left:
            row_key, before = left.pop(found)
            state: Literal["same", "changed"] = "same" if mark == before else "changed"
            origins[row_key] = Origin(row_key=row_key, found=found, state=state, cells=dict(cells))
