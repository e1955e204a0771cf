"""The versioned table on disk: written once, named by its rows."""

import hashlib
from pathlib import Path

import msgspec
import polars as pl

from roadworthy.kernel.errors import DataError
from roadworthy.kernel.files import write_atomically
from roadworthy.kernel.records import Snapshot

_TABLE = "table.parquet"
_RECORD = "snapshot.json"
_SLICE = 10_000


def rows_id(table: pl.DataFrame) -> str:
    """Hex SHA-256 of names, types and values, row by row: the same rows have the same id, whatever wrote the file.

    >>> rows_id(pl.DataFrame({"a": [1]})) == rows_id(pl.DataFrame({"a": [2]}))
    False
    """
    digest = hashlib.sha256(msgspec.json.encode([[name, str(kind)] for name, kind in table.schema.items()]))
    for part in table.iter_slices(_SLICE):
        digest.update(part.write_ndjson().encode())
    return digest.hexdigest()


def write_snapshot(folder: Path, table: pl.DataFrame, snapshot: Snapshot) -> None:
    """Write the table and its record into a scratch folder."""
    table.write_parquet(folder / _TABLE, compression="zstd")
    write_atomically(folder / _RECORD, msgspec.json.format(msgspec.json.encode(snapshot, order="sorted"), indent=2))


def read_table(folder: Path) -> pl.DataFrame:
    """The rows of a snapshot.

    Raises:
        DataError: if there is no readable table.
    """
    try:
        return pl.read_parquet(folder / _TABLE)
    except (OSError, pl.exceptions.PolarsError) as err:
        raise DataError(f"the snapshot's table cannot be read: {err}", where=str(folder), fix=_AGAIN) from err


def read_snapshot(folder: Path) -> Snapshot:
    """The record of a snapshot.

    Raises:
        DataError: if there is none, or it is damaged.
    """
    try:
        return msgspec.json.decode((folder / _RECORD).read_bytes(), type=Snapshot)
    except (OSError, msgspec.DecodeError) as err:
        raise DataError(f"the snapshot's record cannot be read: {err}", where=str(folder), fix=_AGAIN) from err


_AGAIN = "remove the folder and run again; the raw data are read anew"
