"""What one detector says of some cells of one column."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.data.errors.coded import Coded


class Hint(NamedTuple):
    """One value or cell that is likely wrong: how likely, what it should be (None where nobody can tell), and why."""

    likelihood: float
    proposal: str | None
    reason: str


class Signal(Struct, frozen=True, kw_only=True):
    """Cells of one column that one detector suspects.

    Attributes:
        detector: its name, such as `typo`.
        column: which column.
        rows: which rows, ascending.
        hints: one for each row.
    """

    detector: str
    column: str
    rows: NDArray[np.int64]
    hints: list[Hint]


def at_values(detector: str, column: Coded, hints: Mapping[int, Hint]) -> list[Signal]:
    """A signal for each row that holds one of these values (by code); none if there is no hint."""
    if not hints:
        return []
    rows = np.concatenate([column.rows_of(code) for code in hints])
    said = [hint for code, hint in hints.items() for _ in range(len(column.rows_of(code)))]
    return at_rows(detector, column.name, dict(zip(rows.tolist(), said, strict=True)))


def at_rows(detector: str, column: str, hints: Mapping[int, Hint]) -> list[Signal]:
    """A signal for each row that was hinted at; none if there is no hint."""
    if not hints:
        return []
    rows = sorted(hints)
    said = [hints[row] for row in rows]
    return [Signal(detector=detector, column=column, rows=np.array(rows, dtype=np.int64), hints=said)]
