"""When the rows of a table happened, as the checks read it."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.quality.look import Look
from roadworthy.data.times import named_time


def time_of_rows(look: Look) -> str | None:
    """The column that tells when a row happened: the declared one, else the only column of times; None without."""
    named = named_time(look.table, look.data)
    if named is not None:
        return named if look.scales.get(named) == "datetime" else None
    found = [name for name in look.table.columns if look.scales.get(name) == "datetime"]
    return found[0] if len(found) == 1 else None


def moments(look: Look, column: str) -> NDArray[np.float64]:
    """UTC seconds of every row, nan where unknown."""
    values = look.table[column]
    if values.dtype.is_temporal():
        values = values.cast(pl.Datetime("us"), strict=False).dt.epoch("us") / 1e6
    return values.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()


def in_order(look: Look) -> NDArray[np.int64]:
    """Row numbers by time, ties and rows without a time in their own order; all in their own order without a column."""
    name = time_of_rows(look)
    rows = np.arange(look.table.height, dtype=np.int64)
    return rows if name is None else np.argsort(np.nan_to_num(moments(look, name), nan=np.inf), kind="stable")
