"""What stands in for a missing cell: a constant, a weighted sum of other columns, or what the nearest rows hold.

Frozen when it was fitted on training rows, and the same for a row alone as for a row among many: every sum runs over
columns in a fixed order, never over rows.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Constant(Struct, frozen=True, kw_only=True, tag="constant"):
    """One value for every gap: a mean, a median, a mode, or what was declared."""

    value: float | str

    @property
    def columns(self) -> tuple[str, ...]:
        """No other column is read."""
        return ()

    def __call__(self, beside: Sequence[Floats], rows: int) -> list[float | str]:
        """The value, once for each row."""
        return [self.value] * rows


class Regression(Struct, frozen=True, kw_only=True, tag="regression"):
    """A weighted sum of other columns, kept within what was seen.

    Attributes:
        columns: the quantities that are read; a missing one counts as its mean.
        means, spreads: of the fitted rows. low, high: of the column that is filled.
    """

    columns: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    low: float
    high: float

    def __call__(self, beside: Sequence[Floats], rows: int) -> list[float | str]:
        """One number for each row."""
        total = np.full(rows, self.intercept)
        for scaled, weight in zip(_scaled(beside, self.means, self.spreads), self.weights, strict=True):
            total = total + scaled * weight
        return [float(value) for value in np.clip(total, self.low, self.high)]


class Nearest(Struct, frozen=True, kw_only=True, tag="nearest"):
    """What the rows nearest in other columns hold: their mean, or the most frequent word (of equals the first by name).

    Attributes:
        columns, means, spreads: as for a regression.
        donors: one row of scaled numbers for each training row that is kept.
        values: what each donor holds.
        neighbours: how many are asked.
    """

    columns: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    donors: tuple[tuple[float, ...], ...]
    values: tuple[float | str, ...]
    neighbours: int = 5

    def __call__(self, beside: Sequence[Floats], rows: int) -> list[float | str]:
        """One value for each row."""
        donors = np.array(self.donors, dtype=np.float64).reshape(len(self.values), len(self.columns))
        distance = np.zeros((rows, len(self.values)))
        for at, scaled in enumerate(_scaled(beside, self.means, self.spreads)):
            distance = distance + (scaled[:, None] - donors[None, :, at]) ** 2
        nearest = np.argsort(distance, axis=1, kind="stable")[:, : self.neighbours]
        return [self._of([self.values[donor] for donor in row]) for row in nearest]

    def _of(self, held: Sequence[float | str]) -> float | str:
        if isinstance(held[0], str):
            return min(Counter(held).items(), key=lambda item: (-item[1], str(item[0])))[0]
        return sum(float(value) for value in held) / len(held)


Fill = Constant | Regression | Nearest


def _scaled(beside: Sequence[Floats], means: tuple[float, ...], spreads: tuple[float, ...]) -> list[Floats]:
    """Columns as distances from their means in spreads, at most 10; a missing number is at the mean."""
    return [
        np.where(np.isnan(values), 0.0, np.clip((values - mean) / spread, -10.0, 10.0))
        for values, mean, spread in zip(beside, means, spreads, strict=True)
    ]
