"""Rows turned into numbers: what feature steps give and what scorers take."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.inputs import InputField

Columns = Mapping[str, Sequence[Any] | NDArray[Any]]
"""Rows by column; all columns are of one length."""


class Csr(Struct, frozen=True, kw_only=True):
    """A sparse matrix by rows, in the usual three arrays.

    Attributes:
        data: float32 values; indices: int32 columns, sorted within a row; indptr: int64 row starts, rows + 1 of them.
        width: number of columns.
    """

    data: NDArray[np.float32]
    indices: NDArray[np.int32]
    indptr: NDArray[np.int64]
    width: int

    def dot(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """The product with a vector of `width` weights: one float64 a row.

        >>> Csr(data=np.float32([2, 3]), indices=np.int32([0, 1]), indptr=np.int64([0, 1, 1, 2]), width=2).dot(
        ...     np.array([10.0, 1.0])).tolist()
        [20.0, 0.0, 3.0]
        """
        rows = np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))
        products = self.data * weights[self.indices]
        # numpy's stubs type a weighted count as integer; it is float64, and asarray copies nothing
        return np.asarray(np.bincount(rows, products, len(self.indptr) - 1), dtype=np.float64)


class Encoded(Struct, frozen=True, kw_only=True):
    """Rows as numbers.

    Attributes:
        dense: float32 (rows, len(names)); nan is a missing value.
        names: name of each dense column.
        sparse: weighted words and characters, or None where the model reads no text.
    """

    dense: NDArray[np.float32]
    names: tuple[str, ...]
    sparse: Csr | None = None


class Steps(Protocol):
    """Feature steps that were fitted and are now frozen: data and small pure code."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the dense columns."""

    @property
    def inputs(self) -> tuple[InputField, ...]:
        """Columns that `encode` needs."""

    def save(self, folder: Path) -> dict[str, Any]:
        """Write arrays into an existing folder and return the spec for `load_steps`."""

    def encode(self, columns: Columns) -> Encoded:
        """Rows to numbers; row by row or all at once gives the same numbers."""


class Design(Protocol):
    """A whole table, tokenised and counted once, from which folds are encoded cheaply."""

    def fit(self, rows: NDArray[np.int64]) -> Steps:
        """Steps fitted on these rows alone (vocabulary, weights, categories, reputations)."""

    def encode(self, steps: Any, rows: NDArray[np.int64], *, fitted_on: bool = False) -> Encoded:
        """Rows of the table through fitted steps.

        The numbers equal `steps.encode` of the same rows, except with `fitted_on`: for the rows that the steps were
        fitted on, what depends on the past (reputation) then reads the past of each row alone.
        """


class Scorer(Protocol):
    """A fitted model in open formats: numbers in, one raw score a row out."""

    def score(self, encoded: Encoded) -> NDArray[np.float64]:
        """Raw scores (log-odds scale), (rows,); larger is more positive."""
