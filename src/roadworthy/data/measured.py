"""A table that is asked, and that refuses what its scales of measurement do not allow: no mean of postcodes."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.scales import Operation, Scale, allows, demand


class MeasuredTable:
    """Columns and their scales; every question is put to the scale first. Missing values are left out of each answer.

    >>> frame = pl.DataFrame({"zip": [10115, 80331], "age": [31, 48]})
    >>> table = MeasuredTable(frame, {"zip": "nominal", "age": "discrete"})
    >>> table.mean("age"), table.mode("zip")
    (39.5, [10115, 80331])
    >>> table.mean("zip")
    Traceback (most recent call last):
    ...
    roadworthy.kernel.errors.DataError: there is no mean of 'zip': it is nominal, its values are names, not quantities
      where: column 'zip'
      fix:   use its mode; or, if it is a quantity, declare it: [data.columns] zip = { scale = "continuous" }
    """

    def __init__(
        self, frame: pl.DataFrame, scales: Mapping[str, str], *, orders: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        """Take a table.

        Args:
            scales: of every column that is asked.
            orders: values of ordinal columns of words, in ascending order.
        """
        self.frame, self.scales, self._orders = frame, dict(scales), dict(orders or {})

    def allows(self, column: str, operation: Operation | str) -> bool:
        """Whether a question has an answer."""
        return allows(self._scale(column), operation)

    def count(self, column: str) -> int:
        """Present values."""
        return self._asked(column, Operation.COUNT).len()

    def mode(self, column: str) -> list[object]:
        """The most frequent values, ascending."""
        return list(self._asked(column, Operation.MODE).mode().sort().to_list())

    def mean(self, column: str) -> float:
        """Arithmetic mean; nan of nothing."""
        return _number(self._figures(column, Operation.MEAN).mean())

    def median(self, column: str) -> object:
        """The middle value; of an ordinal column the lower of the two in the middle."""
        return self.quantile(column, 0.5, _as=Operation.MEDIAN)

    def quantile(self, column: str, share: float, *, _as: Operation = Operation.QUANTILE) -> object:
        """The value below which a share in [0, 1] of the rows lies; interpolated for quantities only."""
        held = self._asked(column, _as)
        if Scale(self._scale(column)) is Scale.ORDINAL:
            ranked = held.gather(self._ranks(column, held).arg_sort())
            return ranked[int(np.floor(share * (ranked.len() - 1)))] if ranked.len() else None
        return _number(held.cast(pl.Float64).quantile(share, interpolation="linear"))

    def variance(self, column: str) -> float:
        """Sample variance (divided by n - 1), in the square of the column's unit."""
        return _number(self._figures(column, Operation.VARIANCE).var())

    def sum(self, column: str) -> float:
        """Total."""
        return _number(self._figures(column, Operation.SUM).sum())

    def difference(self, one: str, other: str) -> pl.Series:
        """One column less another, row by row; null where either is missing."""
        return (self._pair(one, other, Operation.DIFFERENCE)).select(pl.col("one") - pl.col("other")).to_series()

    def ratio(self, one: str, other: str) -> pl.Series:
        """One column by another, row by row; null where either is missing, or the other is 0."""
        pair = self._pair(one, other, Operation.RATIO)
        return pair.select(pl.when(pl.col("other") != 0).then(pl.col("one") / pl.col("other"))).to_series()

    def correlation(self, one: str, other: str) -> float:
        """Pearson's r over the rows that hold both; nan where one of them does not vary."""
        pair = self._pair(one, other, Operation.CORRELATION).drop_nulls()
        return _pearson(pair["one"].to_numpy(), pair["other"].to_numpy())

    def rank_correlation(self, one: str, other: str) -> float:
        """Spearman's rho over the rows that hold both: Pearson's r of their ranks, ties averaged."""
        for column in (one, other):
            demand(self._scale(column), Operation.RANK_CORRELATION, column=column)
        ranked = {side: self._ranks(column, self._column(column)) for side, column in (("one", one), ("other", other))}
        pair = pl.DataFrame(ranked).drop_nulls()
        return _pearson(pair["one"].rank().to_numpy(), pair["other"].rank().to_numpy())

    def histogram(self, column: str, *, bins: int = 20) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Counts per bin of equal width, and the edges of the bins (one more)."""
        held = self._figures(column, Operation.HISTOGRAM).to_numpy()
        counts, edges = np.histogram(held, bins=bins)
        return counts.astype(np.int64), edges.astype(np.float64)

    def bars(self, column: str) -> list[tuple[object, int]]:
        """Each value with how often it stands; ordinal ones in their order, others the most frequent first."""
        held = self._asked(column, Operation.BARS)
        counted = held.alias("value").value_counts(name="n")
        if Scale(self._scale(column)) is Scale.ORDINAL:
            counted = counted[self._ranks(column, counted["value"]).arg_sort().to_list()]
        else:
            counted = counted.sort("n", "value", descending=[True, False])
        return list(zip(counted["value"].to_list(), counted["n"].to_list(), strict=True))

    def _scale(self, column: str) -> str:
        if column not in self.scales or column not in self.frame.columns:
            known = [name for name in self.frame.columns if name in self.scales]
            raise DataError(f"there is no column {column!r}", where="the table", fix=did_you_mean(column, known))
        return self.scales[column]

    def _column(self, column: str) -> pl.Series:
        return self.frame[column]

    def _asked(self, column: str, operation: Operation) -> pl.Series:
        """The present values, once the scale has agreed."""
        demand(self._scale(column), operation, column=column)
        return self._column(column).drop_nulls()

    def _figures(self, column: str, operation: Operation) -> pl.Series:
        return self._asked(column, operation).cast(pl.Float64)

    def _pair(self, one: str, other: str, operation: Operation) -> pl.DataFrame:
        for column in (one, other):
            demand(self._scale(column), operation, column=column)
        return pl.DataFrame({"one": self._column(one).cast(pl.Float64), "other": self._column(other).cast(pl.Float64)})

    def _ranks(self, column: str, held: pl.Series) -> pl.Series:
        """Figures in the order of the values; a value outside a known order is null."""
        order = self._orders.get(column)
        if order is None:
            if held.dtype == pl.String and Scale(self._scale(column)) is Scale.ORDINAL:
                raise DataError(
                    f"the order of {column!r} is not known",
                    where=f"column {column!r}",
                    fix=f'declare it: [data.columns] {column} = {{ scale = "ordinal", order = [...] }}',
                )
            return held.cast(pl.Float64)
        ranks = {value: float(place) for place, value in enumerate(order)}
        return held.cast(pl.String).replace_strict(ranks, default=None, return_dtype=pl.Float64)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _pearson(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])
