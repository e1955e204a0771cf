"""What is known of an entity (a sender's domain, a merchant) from its past."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Columns


class Reputation(Struct, frozen=True, kw_only=True, tag="reputation"):
    """How often each entity was seen, and how often it was positive, when the model was fitted.

    Attributes:
        entity: the column.
        seen: entity to [positive rows, other rows]. Lower case; unknown ones count as never seen.
        base: share of positives over all rows, in (0, 1); worth two rows of evidence.
    """

    entity: str
    base: float
    seen: dict[str, tuple[int, int]]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.entity,)

    @property
    def names(self) -> tuple[str, ...]:
        """Log-odds against the base rate, and log(1 + rows seen)."""
        return (f"{self.entity}.reputation", f"{self.entity}.seen")

    def encode(self, rows: Columns) -> NDArray[np.float32]:
        """Two columns."""
        known = [self.seen.get(name, (0, 0)) for name in entity_names(rows[self.entity])]
        counts = np.array(known, dtype=np.float64).reshape(-1, 2)
        return standing(counts[:, 0], counts[:, 1], np.full(len(counts), self.base))


def entity_names(values: Sequence[Any] | NDArray[Any]) -> list[str]:
    """How entities are named: lower case, empty for a missing one.

    >>> entity_names(["Example.org ", None])
    ['example.org', '']
    """
    return ["" if value is None else str(value).strip().lower() for value in values]


def standing(
    positive: NDArray[np.float64], other: NDArray[np.float64], base: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Smoothed log-odds minus those of the base rate, so that 0 is an unknown entity; and log(1 + rows)."""
    odds = np.log((positive + 2 * base) / (other + 2 * (1 - base))) - np.log(base / (1 - base))
    return np.column_stack([odds, np.log1p(positive + other)]).astype(np.float32)
