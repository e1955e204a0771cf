"""Which values of a column become columns of their own."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.bundle.steps.fills import Fill
from roadworthy.bundle.steps.tables import Category, Number, category, numbers

MOST_VALUES = 50
LEAST_ROWS = 2


def fit_category(column: str, values: Sequence[Any], rows: NDArray[np.int64], *, fill: Fill | None = None) -> Category:
    """The values that at least two of these rows hold, the 50 most frequent; sorted by name."""
    counts = Counter(word for row in rows if (word := category(values[row])) is not None)
    frequent = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]
    return Category(
        column=column, values=tuple(sorted(word for word, hits in frequent if hits >= LEAST_ROWS)), fill=fill
    )


def fit_number(column: str, values: Sequence[Any], rows: NDArray[np.int64], *, fill: Fill | None = None) -> Number:
    """A flag is kept beside the number if any of these rows lacks it."""
    flag = bool(np.isnan(numbers([values[row] for row in rows], column)).any())
    return Number(column=column, flag=flag, fill=fill)
