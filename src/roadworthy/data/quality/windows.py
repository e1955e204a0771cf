"""How far back to learn from: windows of several lengths, each tried on what came after it."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.matrix import fit_numbers
from roadworthy.data.quality.look import Look, Seen
from roadworthy.data.quality.moments import moments, time_of_rows
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Verdict
from roadworthy.kernel.units import plural
from roadworthy.measures.intervals import shared_level
from roadworthy.measures.linear import fit_logistic, fit_ridge
from roadworthy.measures.tails import student_quantile

_SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
_BLOCKS = 8
_LEAST_ROWS = 400
_LEAST_WINDOW = 50
_MOST_ROWS = 20_000
_MOST_VALUES = 8
_DAY = 86_400.0
_GAIN = 0.01

Floats = NDArray[np.float64]


class Window(NamedTuple):
    """A window of training rows: their number, their days, and what it lost on each block that came after."""

    rows: int
    days: float
    losses: Floats


def windows(look: Look) -> Seen:
    """The window of recent rows from which a simple model predicts best what comes after; needs time and target.

    The second half of the rows, by time, is cut into eight blocks; before each, windows of 1/16 to all of the history
    so far are learnt from by a logistic (two answers) or ridge regression of the columns, and tried on the block. A
    shorter window is proposed where it loses less than the whole history by at least 1 %, and the interval of the
    difference over the blocks (Student's t, corrected for the windows that were tried) excludes none.

    Source: Tashman (2000), Out-of-sample tests of forecasting accuracy, Int. J. Forecasting 16:437-450.
    """
    name = time_of_rows(look)
    if name is None or look.target not in look.table.columns:
        return Seen()
    times = moments(look, name)
    usable = ~np.isnan(times) & look.table[look.target].is_not_null().to_numpy()
    rows = np.flatnonzero(usable)[np.argsort(times[usable], kind="stable")]
    if len(rows) > _MOST_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, _MOST_ROWS).astype(np.int64)]
    truth = _truth(look, rows)
    if len(rows) < _LEAST_ROWS or truth is None:
        return Seen()
    tried = try_windows(look, rows, times[rows], truth)
    return Seen(findings=[_judged(name, tried)] if len(tried) > 1 else [])


def _truth(look: Look, rows: NDArray[np.int64]) -> Floats | None:
    """0 and 1 for two answers, standardised numbers for a quantity, else None."""
    column = look.table[look.target][rows]
    if column.n_unique() == 2:
        return (column.cast(pl.String) == column.cast(pl.String).max()).to_numpy().astype(np.float64)
    if look.scales.get(look.target) not in ("continuous", "discrete") or not column.dtype.is_numeric():
        return None
    numbers = column.cast(pl.Float64).to_numpy()
    return (numbers - numbers.mean()) / numbers.std() if numbers.std() > 0 else None


def try_windows(look: Look, rows: NDArray[np.int64], times: Floats, truth: Floats) -> list[Window]:
    """Each window's loss on each block: log loss in nats for two answers, squared error for a quantity.

    Args:
        rows: row numbers by time; `times` and `truth` are theirs.
    """
    table = look.table[rows]
    without = {look.target, look.data.key, time_of_rows(look) or "", *look.data.leaks}
    edges = np.linspace(len(rows) // 2, len(rows), _BLOCKS + 1).astype(np.int64)
    shares = [share for share in _SHARES if share * edges[0] >= _LEAST_WINDOW]
    losses = np.empty((len(shares), _BLOCKS))
    for block, (begin, end) in enumerate(pairwise(edges)):
        for at, share in enumerate(shares):
            first = begin - max(int(share * begin), _LEAST_WINDOW)
            encode = fit_numbers(table[first:begin], look.scales, without=without, most=_MOST_VALUES)
            losses[at, block] = _loss(
                encode(table[first:begin]), truth[first:begin], encode(table[begin:end]), truth[begin:end]
            )
    last = len(rows)
    begins = [last - int(share * last) for share in shares]
    return [
        Window(last - begin, float(times[-1] - times[min(begin, last - 1)]) / _DAY, losses[at])
        for at, begin in enumerate(begins)
    ]


def _loss(columns: Floats, truth: Floats, later: Floats, answers: Floats) -> float:
    if set(np.unique(truth)) <= {0.0, 1.0} and set(np.unique(answers)) <= {0.0, 1.0}:
        odds = np.clip(fit_logistic(columns, truth)(later), -10.0, 10.0)
        return float(np.mean(np.logaddexp(0.0, odds) - answers * odds))
    return float(np.mean((fit_ridge(columns, truth)(later) - answers) ** 2))


def _judged(name: str, tried: list[Window]) -> Finding:
    """The best window against the whole history; the whole history where none is better."""
    whole, shorter = tried[-1], tried[:-1]
    best = min(shorter, key=lambda window: float(window.losses.mean()))
    level = shared_level(0.95, len(shorter))
    interval = _difference(best.losses - whole.losses, level)
    mean, before = float((best.losses - whole.losses).mean()), float(whole.losses.mean())
    better = interval.high < 0 and mean <= -_GAIN * before
    table = [
        {"rows": window.rows, "days": round(window.days, 1), "loss": round(float(window.losses.mean()), 5)}
        for window in tried
    ]
    if better:
        said = (
            f"a model of the last {best.days:,.0f} days ({plural(best.rows, 'row')}) predicts what comes after better "
            f"than one of all {whole.days:,.0f} days: its loss is {-mean / before:.1%} lower"
        )
    else:
        said = f"no shorter window predicts what comes after better than all {whole.days:,.0f} days"
    return Finding(
        check="data.window",
        subject=name,
        verdict=Verdict.FAIL if better else Verdict.PASS,
        summary=f"{said} (difference of the best shorter one {mean:+.4f}, interval {interval.low:+.4f} to "
        f"{interval.high:+.4f}, over {_BLOCKS} blocks).",
        measured=mean,
        unit="loss",
        interval=interval,
        severity=Severity.NOTE,
        evidence={"windows": table},
        remedy=f"learn from the last {best.days:,.0f} days alone, or weigh recent rows more" if better else "",
    )


def _difference(differences: Floats, level: float) -> Interval:
    """Where the mean difference over blocks lies, by Student's t."""
    mean = float(differences.mean())
    error = float(differences.std(ddof=1) / np.sqrt(len(differences)))
    half = student_quantile((1 + level) / 2, len(differences) - 1) * error
    return Interval(mean - half, mean + half, level)
