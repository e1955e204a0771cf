"""When each row happened."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.declare.data import Data
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean

_OF_MAIL = ("", "received", "time")


def time_column(table: pl.DataFrame, declaration: Declaration) -> str | None:
    """The column that says when a row happened; None if the data have none.

    For mail `received` stands for the column `time`: when the receiver's server took it, else its own date.

    Raises:
        DataError: if the declared column is not there.
    """
    return named_time(table, declaration.data)


def named_time(table: pl.DataFrame, data: Data) -> str | None:
    """The same, where no more than `[data]` is known.

    Raises:
        DataError: if the declared column is not there.
    """
    named = data.time
    if "raw_sha256" in table.columns and named in _OF_MAIL:
        return "time"
    if named and named not in table.columns:
        raise DataError(
            f"there is no time column {named!r}", where="[data] time", fix=did_you_mean(named, table.columns)
        )
    return named or None


def row_times(table: pl.DataFrame, declaration: Declaration) -> NDArray[np.float64] | None:
    """UTC seconds of every row, nan where unknown; None if the data have no time.

    Raises:
        DataError: if the time column holds no times.
    """
    name = time_column(table, declaration)
    if name is None:
        return None
    column = table[name]
    if column.dtype.is_temporal():
        column = column.cast(pl.Datetime("us")).dt.epoch("us") / 1e6
    if not column.dtype.is_numeric():
        raise DataError(
            f"column {name!r} holds no times",
            where="[data] time",
            fix=f'declare its scale: [data.columns] {name} = {{ scale = "datetime" }}',
        )
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
