"""Delta Lake tables of anybody: one version, or the one at a time."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError
from msgspec import Struct

from roadworthy.kernel.errors import SourceError


class Opened(Struct, frozen=True, kw_only=True):
    """A table in one of its versions."""

    rows: pl.LazyFrame
    version: int


def open_delta(folder: Path, *, version: int | None = None, at: str = "") -> Opened:
    """The newest version, the one with this number, or the newest at an ISO time (UTC if it says no zone).

    Raises:
        SourceError: if there is no such table or version.
    """
    try:
        table = DeltaTable(str(folder), version=version)
        if at:
            moment = datetime.fromisoformat(at)
            table.load_as_version(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        return Opened(rows=pl.scan_delta(table), version=table.version())
    except TableNotFoundError as err:
        raise SourceError(
            "this is no Delta table", where=str(folder), fix="name the folder that holds _delta_log"
        ) from err
    except (DeltaError, ValueError, OSError, pl.exceptions.PolarsError) as err:
        why = (str(err).splitlines() or [type(err).__name__])[0]
        raise SourceError(
            f"the Delta table cannot be read: {why}", where=str(folder), fix="name a version that is there, or none"
        ) from err
