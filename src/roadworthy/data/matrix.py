"""A table as plain numbers, for yardstick models and for neighbours: by scale, fitted on some rows only."""

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

_MOST_VALUES = 20
_LEAST_ROWS = 5

Floats = NDArray[np.float64]


class Numbers(Struct, frozen=True, kw_only=True):
    """How measured columns and categories become numbers.

    Attributes:
        measured: name to mean and spread of the fitted rows; a missing number becomes the mean.
        counted: name to the values that have a column of their own; a missing or other value is 0 in all of them.
    """

    measured: dict[str, tuple[float, float]]
    counted: dict[str, tuple[str, ...]]

    def __call__(self, table: pl.DataFrame) -> Floats:
        """One row of finite numbers for each row, none beyond 10 spreads from the mean."""
        parts = [_scaled(table[name], mean, spread) for name, (mean, spread) in self.measured.items()]
        parts += [
            (table[name].cast(pl.String) == value).fill_null(value=False).to_numpy().astype(np.float64)
            for name, values in self.counted.items()
            for value in values
        ]
        return np.column_stack(parts) if parts else np.zeros((table.height, 0))


def fit_numbers(
    table: pl.DataFrame, scales: Mapping[str, str], *, without: Iterable[str] = (), most: int = _MOST_VALUES
) -> Numbers:
    """Means, spreads and the `most` frequent values of these rows.

    Left out are identifiers, texts, times, nested values, columns without spread, and what is named in `without`.

    >>> fitted = fit_numbers(pl.DataFrame({"n": [1.0, 3.0], "c": ["a", "a"]}), {"n": "continuous", "c": "nominal"})
    >>> fitted.measured
    {'n': (2.0, 1.0)}
    """
    left = {*without, "row_key"}
    measured: dict[str, tuple[float, float]] = {}
    counted: dict[str, tuple[str, ...]] = {}
    for name in table.columns:
        scale, column = scales.get(name), table[name]
        if name in left:
            continue
        if scale in ("continuous", "discrete") and column.dtype.is_numeric():
            values = column.cast(pl.Float64).drop_nulls().to_numpy()
            spread = float(values.std()) if len(values) else 0.0
            if spread > 0:
                measured[name] = float(values.mean()), spread
        elif scale in ("nominal", "ordinal", "binary"):
            held = column.cast(pl.String).drop_nulls().value_counts(sort=True)
            values_of = [str(value) for value, count in held.head(most).iter_rows() if count >= _LEAST_ROWS]
            counted[name] = tuple(sorted(values_of))
    return Numbers(measured=measured, counted={name: values for name, values in counted.items() if values})


def _scaled(column: pl.Series, mean: float, spread: float) -> Floats:
    values = column.cast(pl.Float64).fill_null(mean).fill_nan(mean).to_numpy()
    return np.clip((values - mean) / spread, -10.0, 10.0)
