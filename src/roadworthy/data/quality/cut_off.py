"""Whether a number at the end of its column stands for nobody knows, or for so much and more."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.quality.look import Look

_END = 0.05
_CLEAR = 4.0
_MOST_COLUMNS = 40
_HALF = 0.5

Floats = NDArray[np.float64]


def like_its_end(look: Look, column: str, numbers: pl.Series, hit: pl.Series) -> bool:
    """Whether rows that hold a suspicious number are, in other columns, like those with the values nearest to it.

    Rows whose value is unknown are like all others; rows whose value was cut off at "so much or more" are like those
    that hold nearly as much. Asked are the columns in which the 5 % of rows next to the number differ clearly (by four
    standard errors) from the rest; the median of how far the suspicious rows go that way decides. False where no column
    tells.

    Args:
        numbers: the column as numbers, null where there is none.
        hit: rows that hold the suspicious number.
    """
    known, suspicious = numbers.is_not_null().to_numpy(), hit.to_numpy()
    values = numbers.to_numpy()
    rest = known & ~suspicious
    above = float(values[suspicious][0]) > float(np.median(values[rest]))
    edge = np.quantile(values[rest], 1 - _END if above else _END)
    end = rest & (values >= edge if above else values <= edge)
    if end.sum() < 2 or not (rest & ~end).any():
        return False
    ways = [_way(other, suspicious, end, rest & ~end) for other in _others(look, column)]
    told = [way for way in ways if way is not None]
    return bool(told) and float(np.median(told)) >= _HALF


def _others(look: Look, column: str) -> list[Floats]:
    """Measured columns, and answers of two kinds as 0 and 1; without missing values' rows set apart."""
    found = []
    for name, scale in look.scales.items():
        if name in (column, "row_key", look.data.key) or name not in look.table.columns:
            continue
        values = look.table[name]
        if scale in ("continuous", "discrete") and values.dtype.is_numeric():
            found.append(values.rank("average").cast(pl.Float64).fill_null(float("nan")).to_numpy())
        elif scale == "binary" and values.null_count() < values.len():
            words = values.cast(pl.String)
            found.append((words == words.max()).cast(pl.Float64).fill_null(float("nan")).to_numpy())
    return found[:_MOST_COLUMNS]


def _way(other: Floats, suspicious: NDArray[np.bool_], end: NDArray[np.bool_], rest: NDArray[np.bool_]) -> float | None:
    """How far from the rest (0) to the end (1) suspicious rows lie in a column; None where the end is like the rest."""
    parts = [other[where & ~np.isnan(other)] for where in (suspicious, end, rest)]
    if min(len(part) for part in parts) < 2:
        return None
    ours, theirs, usual = (float(part.mean()) for part in parts)
    error = float(np.sqrt(sum(part.var() / len(part) for part in parts[1:])))
    return (ours - usual) / (theirs - usual) if abs(theirs - usual) > _CLEAR * error else None
