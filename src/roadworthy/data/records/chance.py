"""How alike rows are by chance alone."""

from collections.abc import Sequence
from math import prod

import polars as pl

_MOST = 0.05


def pairs_by_chance(table: pl.DataFrame, columns: Sequence[str]) -> float:
    """How many pairs of rows would be equal if each column were drawn by itself with the shares that it has.

    >>> round(pairs_by_chance(pl.DataFrame({"a": [1, 1, 2, 2]}), ["a"]), 1)
    3.0
    """
    alike = prod(_alike(table[name]) for name in columns)
    return table.height * (table.height - 1) / 2 * alike


def alike_by_chance(table: pl.DataFrame, columns: Sequence[str]) -> bool:
    """Whether so few values are possible that rows are equal without being copies: one row in twenty or more."""
    return pairs_by_chance(table, columns) > _MOST * table.height


def _alike(column: pl.Series) -> float:
    """The chance that two values are equal."""
    shares = column.value_counts(name="n")["n"].to_numpy() / max(1, column.len())
    return float((shares**2).sum())
