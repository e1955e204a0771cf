"""What filling gaps would do: each method tried on cells that are known, on training rows alone.

Known cells are hidden the way cells are missing (rows like those that lack the value are hidden more often), filled by
each method, and compared with what they held. Which methods a column may have follows from its scale: a mean of names
is an error, not a number.

Source: van Buuren (2018), Flexible imputation of missing data, 2nd ed., ch. 2.5-2.6; Jaeger et al. (2021), A benchmark
for data imputation methods, Front. Big Data 4:693674, for hiding cells as they are missing.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.data.matrix import fit_numbers
from roadworthy.declare.data import Data
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Verdict
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.scales import Operation, Scale, demand
from roadworthy.measures.distances import ks, total_variation
from roadworthy.measures.intervals import normal_interval, wilson
from roadworthy.measures.linear import fit_logistic, fit_ridge

_FOLDS = 5
_MOST_KNOWN = 2_000
_LEAST_KNOWN = 100
_LEAST_MISSING = 20
_NEIGHBOURS = 5
_MOST_COLUMNS = 20
_QUANTITIES = (Scale.CONTINUOUS, Scale.DISCRETE)

Floats = NDArray[np.float64]
Cells = NDArray[Any]
Method = Callable[[Cells, Floats, Floats], Cells]

NEEDS = {
    "mode": Operation.MODE,
    "median": Operation.MEDIAN,
    "mean": Operation.MEAN,
    "model": Operation.MEAN,
    "nearest": Operation.MODE,
}
"""The operation of its column that each method needs."""


class Tried(Struct, frozen=True, kw_only=True):
    """One method on hidden cells.

    Attributes:
        method: mode, median, mean, model or nearest.
        error: of quantities the root mean squared error in spreads of the column (1 is no better than its mean); of all
            else the share of wrong answers. With its 95 % interval.
        distortion: how far the filled values' distribution is from the hidden ones', in [0, 1]: the Kolmogorov-Smirnov
            distance of quantities, the total variation distance of all else.
        losses: one loss a hidden cell, in the same order for every method.
    """

    method: str
    error: float
    interval: Interval
    distortion: float
    losses: Floats


def demand_method(method: str, scale: str, *, column: str) -> None:
    """Nothing, if the method has a meaning on the column's scale.

    Raises:
        DataError: if there is no such method, or the scale forbids it; what to do is said.

    >>> demand_method("mean", "nominal", column="zip")
    Traceback (most recent call last):
    ...
    roadworthy.kernel.errors.DataError: there is no mean of 'zip': it is nominal, its values are names, not quantities
      where: column 'zip'
      fix:   use its mode; or, if it is a quantity, declare it: [data.columns] zip = { scale = "continuous" }
    """
    if method == "constant":
        return
    if method not in NEEDS:
        fix = did_you_mean(method, [*NEEDS, "constant"])
        raise DataError(f"there is no way to impute called {method!r}", where=f"column {column!r}", fix=fix)
    demand(scale, NEEDS[method], column=column)


def methods_for(scale: str) -> tuple[str, ...]:
    """The methods that are tried on a scale, simplest first.

    >>> methods_for("nominal"), methods_for("continuous")
    (('mode', 'nearest'), ('median', 'mean', 'model', 'nearest'))
    """
    if scale in _QUANTITIES:
        return ("median", "mean", "model", "nearest")
    return ("mode", "nearest") if scale in (Scale.NOMINAL, Scale.BINARY, Scale.ORDINAL) else ()


def try_methods(
    table: pl.DataFrame, scales: dict[str, str], column: str, *, without: Sequence[str] = (), seed: int = 7
) -> list[Tried]:
    """Every method of the column's scale on cells that are known; none where fewer than 100 are.

    Args:
        table: training rows.
        scales: scale of each column.
        without: columns that a model must not read (the answer, leaks, keys).
        seed: draws the hidden cells.
    """
    values = table[column]
    held = values.is_not_null().to_numpy()
    names = methods_for(scales[column])
    if held.sum() < _LEAST_KNOWN or not names:
        return []
    encoded = fit_numbers(table, scales, without=[*without, column])(table)
    known = _hidden_like_missing(encoded, held, np.random.default_rng(seed))
    fold = np.arange(len(known)) % _FOLDS
    quantity = scales[column] in _QUANTITIES
    cells = values[known]
    truth = cells.cast(pl.Float64).to_numpy() if quantity else cells.cast(pl.String).to_numpy().astype(np.str_)
    filled = {name: np.empty_like(truth) for name in names}
    for part in range(_FOLDS):
        out = fold == part
        for name in names:
            filled[name][out] = _METHODS[name](truth[~out], encoded[known[~out]], encoded[known[out]])
    measure = _quantity if quantity else _words
    return [measure(name, truth, filled[name]) for name in names]


def judge_imputation(
    table: pl.DataFrame, scales: dict[str, str], data: Data, *, rows: NDArray[np.int64], without: Sequence[str] = ()
) -> list[Finding]:
    """One note for each column that lacks 20 values or more among these rows: what filling its gaps costs.

    Args:
        table: the snapshot.
        rows: the training rows; no other is looked at.
        without: the answer and what else a model must not read.

    Raises:
        DataError: if a declared method has no meaning on the scale of its column.
    """
    for name, declared in data.columns.items():
        if declared.impute and name in scales:
            demand_method(declared.impute, scales[name], column=name)
    training = table[rows]
    left = {*without, *data.leaks, data.key, data.time, "row_key"}
    lacking = [
        name
        for name in training.columns
        if name not in left and name in scales and training[name].null_count() >= _LEAST_MISSING
    ][:_MOST_COLUMNS]
    found = [(name, try_methods(training, scales, name, without=sorted(left))) for name in lacking]
    return [
        _told(name, tried, declared=data.columns[name].impute if name in data.columns else "")
        for name, tried in found
        if tried
    ]


def recommended(tried: Sequence[Tried]) -> Tried:
    """The simplest method that no other beats beyond chance, on the same cells."""
    best = tried[0]
    for other in tried[1:]:
        gain = other.losses - best.losses
        error = float(gain.std(ddof=1) / np.sqrt(len(gain)))
        if normal_interval(float(gain.mean()), error).high < 0:
            best = other
    return best


def _told(name: str, tried: list[Tried], *, declared: str) -> Finding:
    best = recommended(tried)
    chosen = next((one for one in tried if one.method == declared), None)
    worse = chosen is not None and recommended([chosen, best]) is not chosen
    others = ", ".join(f"{one.method} {one.error:.3g}" for one in tried if one is not best)
    quantity = "median" in {one.method for one in tried}
    of = "of its spread" if quantity else "of the cells"
    return Finding(
        check="data.imputation",
        subject=name,
        verdict=Verdict.FAIL if worse else Verdict.PASS,
        summary=f"filling {name} by {best.method} errs by {best.error:.3g} {of} ({best.interval.low:.3g} to "
        f"{best.interval.high:.3g}) and distorts its distribution by {best.distortion:.2g}; {others}"
        + (f"; declared is {declared}" if declared else "")
        + ".",
        measured=best.error,
        unit="spread" if quantity else "share",
        interval=best.interval,
        severity=Severity.NOTE,
        evidence={
            "recommended": best.method,
            "declared": declared,
            "hidden_cells": len(best.losses),
            "methods": [
                {
                    "method": one.method,
                    "error": round(one.error, 4),
                    "low": round(one.interval.low, 4),
                    "high": round(one.interval.high, 4),
                    "distortion": round(one.distortion, 4),
                }
                for one in tried
            ],
        },
        remedy=f'declare [data.columns] {name} = {{ impute = "{best.method}" }}; a flag says where it was missing',
    )


def _hidden_like_missing(encoded: Floats, held: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.int64]:
    """Known rows, at most 2,000, those drawn more often that are like rows in which the value is missing."""
    rows = np.flatnonzero(held)
    if len(rows) == len(held) or not encoded.shape[1]:
        weights = np.ones(len(rows))
    else:
        log_odds = fit_logistic(encoded, (~held).astype(np.float64), penalty=10.0)(encoded[rows])
        weights = 1 / (1 + np.exp(-np.clip(log_odds, -10, 10)))
    size = min(_MOST_KNOWN, len(rows))
    return random.choice(rows, size=size, replace=False, p=weights / weights.sum())


def _quantity(method: str, truth: Cells, filled: Cells) -> Tried:
    hidden, found = truth.astype(np.float64), filled.astype(np.float64)
    spread = float(hidden.std()) or 1.0
    losses = ((found - hidden) / spread) ** 2
    seen = normal_interval(float(losses.mean()), float(losses.std(ddof=1) / np.sqrt(len(losses))))
    interval = Interval(float(np.sqrt(max(seen.low, 0.0))), float(np.sqrt(seen.high)))
    return Tried(
        method=method,
        error=float(np.sqrt(losses.mean())),
        interval=interval,
        distortion=ks(hidden, found),
        losses=losses,
    )


def _words(method: str, truth: Cells, filled: Cells) -> Tried:
    losses = (truth != filled).astype(np.float64)
    words = np.unique(np.concatenate([truth, filled]))
    counts = [np.array([(given == word).sum() for word in words], dtype=np.float64) for given in (truth, filled)]
    return Tried(
        method=method,
        error=float(losses.mean()),
        interval=wilson(float(losses.sum()), len(losses)),
        distortion=total_variation(counts[0], counts[1]),
        losses=losses,
    )


def _constant(number: Callable[[Floats], float]) -> Method:
    return lambda truth, _known, wanted: np.full(len(wanted), number(truth.astype(np.float64)))


def _mode(truth: Cells, _known: Floats, wanted: Floats) -> Cells:
    values, counts = np.unique(truth, return_counts=True)
    return np.repeat(values[[int(np.argmax(counts))]], len(wanted))


def _model(truth: Cells, known: Floats, wanted: Floats) -> Cells:
    numbers = truth.astype(np.float64)
    return np.clip(fit_ridge(known, numbers)(wanted), numbers.min(), numbers.max())


def _nearest(truth: Cells, known: Floats, wanted: Floats) -> Cells:
    """The mean, or the most frequent value, of the five nearest rows."""
    squares = (wanted**2).sum(axis=1)[:, None] + (known**2).sum(axis=1)[None, :] - 2 * wanted @ known.T
    at = np.argsort(squares, axis=1, kind="stable")[:, :_NEIGHBOURS]
    if truth.dtype.kind == "f":
        mean: Floats = truth[at].astype(np.float64).mean(axis=1)
        return mean
    values, codes = np.unique(truth, return_inverse=True)
    votes = np.stack([np.bincount(row, minlength=len(values)) for row in codes[at]])
    chosen: Cells = values[votes.argmax(axis=1)]
    return chosen


_METHODS: dict[str, Method] = {
    "mode": _mode,
    "median": _constant(lambda numbers: float(np.median(numbers))),
    "mean": _constant(lambda numbers: float(numbers.mean())),
    "model": _model,
    "nearest": _nearest,
}
