"""Fits what stands in for missing cells, where the declaration asks for it; on the rows of one fold alone."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.bundle.steps.fills import Constant, Fill, Nearest, Regression
from roadworthy.bundle.steps.tables import category, numbers
from roadworthy.declare.data import Column
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.scales import Operation, demand
from roadworthy.measures.linear import fit_ridge

_MOST_DONORS = 500
_WORDS = ("nominal", "binary", "ordinal")
_NEEDS = {
    "mean": Operation.MEAN,
    "model": Operation.MEAN,
    "median": Operation.MEDIAN,
    "mode": Operation.MODE,
    "nearest": Operation.MODE,
}

Floats = NDArray[np.float64]


def fit_fill(
    column: str,
    declared: Column,
    cells: Mapping[str, Sequence[Any]],
    *,
    rows: NDArray[np.int64],
    others: Sequence[str],
    scale: str,
) -> Fill | None:
    """What fills the gaps of a column; None where nothing is declared.

    Args:
        declared: says how.
        cells: every column that may be read, all rows.
        rows: those to fit on.
        others: quantities that a regression or a search for neighbours may read.
        scale: of the column, declared or seen.

    Raises:
        DataError: if the method has no meaning on the scale, or no row holds a value.
    """
    if not declared.impute:
        return None
    words = scale in _WORDS
    if declared.impute != "constant":
        demand(scale, _NEEDS[declared.impute], column=column)
    values: Sequence[Any] = [cells[column][row] for row in rows]
    held = [category(value) for value in values] if words else numbers(values, column).tolist()
    known = np.array([value is not None and value == value for value in held])  # noqa: PLR0124  # nan is not itself
    if declared.impute != "constant" and not known.any():
        raise DataError(f"no row holds a {column}", where=f"[data.columns] {column} impute", fix="declare a constant")
    if declared.impute in ("model", "nearest"):
        beside = [name for name in others if name != column]
        read = [(name, numbers([cells[name][row] for row in rows], name)) for name in beside]
        return _from_others(declared, held, known, read)
    there = [value for value, present in zip(held, known, strict=True) if present]
    return Constant(value=_constant(declared, there, words=words))


def _constant(declared: Column, held: Sequence[Any], *, words: bool) -> float | str:
    if declared.impute == "constant":
        return declared.fill if words else float(declared.fill)
    if declared.impute == "mode":
        most: float | str = min(Counter(held).items(), key=lambda item: (-item[1], item[0]))[0]
        return most
    if words:
        placed = sorted(declared.order.index(value) for value in held if value in declared.order)
        return declared.order[placed[(len(placed) - 1) // 2]]
    return float(np.median(held) if declared.impute == "median" else math.fsum(held) / len(held))


def _from_others(
    declared: Column, held: Sequence[Any], known: NDArray[np.bool_], beside: Sequence[tuple[str, Floats]]
) -> Fill:
    """A regression on other quantities, or the training rows that are nearest in them."""
    facts = {name: _middle(values) for name, values in beside}
    usable = [(name, values) for name, values in beside if facts[name][1] > 0]
    names = tuple(name for name, _ in usable)
    means, spreads = tuple(facts[name][0] for name in names), tuple(facts[name][1] for name in names)
    scaled = [
        np.where(np.isnan(values), 0.0, np.clip((values - mean) / spread, -10.0, 10.0))[known]
        for (_, values), mean, spread in zip(usable, means, spreads, strict=True)
    ]
    table = np.column_stack(scaled) if scaled else np.zeros((int(known.sum()), 0))
    there = [value for value, kept in zip(held, known, strict=True) if kept]
    if declared.impute == "model":
        target = np.array(there, dtype=np.float64)
        fitted = fit_ridge(table, target)
        return Regression(
            columns=names,
            means=means,
            spreads=spreads,
            weights=tuple(float(weight) for weight in fitted.weights),
            intercept=fitted.intercept,
            low=float(target.min()),
            high=float(target.max()),
        )
    taken = np.unique(np.linspace(0, len(there) - 1, min(_MOST_DONORS, len(there))).astype(np.int64))
    return Nearest(
        columns=names,
        means=means,
        spreads=spreads,
        donors=tuple(tuple(float(value) for value in row) for row in table[taken]),
        values=tuple(there[at] for at in taken),
    )


def _middle(values: Floats) -> tuple[float, float]:
    """Mean and spread of what is there; no spread where nothing is."""
    there = values[~np.isnan(values)]
    return (float(there.mean()), float(there.std())) if len(there) else (0.0, 0.0)
