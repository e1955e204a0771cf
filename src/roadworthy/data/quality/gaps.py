"""Records that are not there: gaps in a running key, in the rhythm of time, and in the grid of a panel."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.quality.look import Look, Seen
from roadworthy.data.times import named_time
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_SHOWN = 20
_LEAST_ROWS = 50
_DENSE = 0.9
_RHYTHM = 0.7
_ALSO_USUAL = 0.05
_BUSY_DAY = 20.0
_AROUND_DAYS = 14
_DAY = 86_400.0
_MOST_AXES = 30
_AXES = ("nominal", "ordinal", "binary", "discrete", "datetime", "identifier", "continuous")


def gaps(look: Look) -> Seen:
    """Missing records, where the table itself shows that there should be some."""
    if look.table.height < _LEAST_ROWS:
        return Seen()
    return Seen(findings=[*_in_keys(look), *_in_time(look), *_in_panels(look)])


def _in_keys(look: Look) -> Iterator[Finding]:
    """A column of distinct whole numbers that leaves out few between its least and its largest counts the records."""
    for name in look.table.columns:
        if name == "row_key" or look.table[name].dtype.is_nested() or look.table[name].dtype.is_float():
            continue
        numbers = look.table[name].cast(pl.Int64, strict=False)
        if numbers.null_count() or numbers.n_unique() != numbers.len():
            continue
        ordered = np.sort(numbers.to_numpy())
        span = int(ordered[-1]) - int(ordered[0]) + 1
        if len(ordered) < span <= len(ordered) / _DENSE:
            steps = np.diff(ordered)
            at = np.flatnonzero(steps > 1)
            holes = [(int(ordered[one] + 1), int(ordered[one + 1] - 1), int(steps[one] - 1)) for one in at]
            what = f"{name} runs from {ordered[0]} to {ordered[-1]}"
            yield _missing(name, span - len(ordered), what, holes=holes)


def _in_time(look: Look) -> Iterator[Finding]:
    """Steps that are longer than the usual ones; where there is no usual step, days without any record."""
    declared = named_time(look.table, look.data)
    names = [declared] if declared else [name for name, scale in look.scales.items() if scale == "datetime"]
    for name in names:
        if name not in look.table.columns or look.scales.get(name) != "datetime":
            continue
        column = look.table[name].drop_nulls()
        seconds = column if column.dtype.is_numeric() else column.cast(pl.Datetime("us")).dt.epoch("us") / 1e6
        times = seconds.cast(pl.Float64).unique().sort().to_numpy()
        if len(times) < _LEAST_ROWS:
            continue
        step = usual_step(times)
        found = _rhythm(name, times, step) if step else _empty_days(name, seconds.to_numpy())
        if found:
            yield found


def usual_step(times: NDArray[np.float64]) -> float | None:
    """The step between sorted, distinct times that most of them keep; None if they keep none.

    >>> usual_step(np.array([0.0, 60.0, 120.0, 180.0, 300.0, 360.0]))
    60.0
    """
    steps, counts = np.unique(np.round(np.diff(times), 3), return_counts=True)
    if not len(steps):
        return None
    most = int(np.argmax(counts))
    return float(steps[most]) if counts[most] >= _RHYTHM * counts.sum() else None


def _rhythm(name: str, times: NDArray[np.float64], step: float) -> Finding | None:
    steps = np.diff(times)
    slots = np.round(steps / step).astype(np.int64)
    sizes, counts = np.unique(slots, return_counts=True)
    # A step that comes back often (a weekend) belongs to the rhythm.
    usual = sizes[counts >= max(_ALSO_USUAL * len(slots), 3)]
    at = np.flatnonzero((slots > 1) & ~np.isin(slots, usual))
    if not len(at):
        return None
    # Of the slots of a gap, as many are missing as are filled elsewhere: weekends are not.
    filled = (len(slots) - len(at)) / (slots.sum() - slots[at].sum())
    lost = np.maximum(np.round(slots[at] * filled - 1), 1).astype(np.int64)
    holes = [(_time(times[one]), _time(times[one + 1]), int(count)) for one, count in zip(at, lost, strict=True)]
    return _missing(name, int(lost.sum()), f"{name} usually moves by {step:g} s", holes=holes)


def _empty_days(name: str, times: NDArray[np.float64]) -> Finding | None:
    """Days with no record among days that have many."""
    days = np.floor(times / _DAY).astype(np.int64)
    counts = np.bincount(days - days.min()) if days.max() - days.min() < 100_000 else np.empty(0, np.int64)
    holes = []
    for day in np.flatnonzero(counts == 0):
        around = np.concatenate([counts[max(0, day - _AROUND_DAYS) : day], counts[day + 1 : day + 1 + _AROUND_DAYS]])
        if len(around) >= _AROUND_DAYS and np.quantile(around, 0.25) >= _BUSY_DAY:
            start = float(day + days.min()) * _DAY
            holes.append((_time(start), _time(start + _DAY), int(np.median(around))))
    if not holes:
        return None
    about = sum(hole[2] for hole in holes)
    what = f"{plural(len(holes), 'day')} without a single {name} lie among busy ones"
    return _missing(name, about, what, holes=holes)


def _in_panels(look: Look) -> Iterator[Finding]:
    """Two columns whose every pair stands once at most, and of whose possible pairs nearly all are there."""
    rows = look.table.height
    sizes = {
        name: look.table[name].n_unique()
        for name in look.table.columns
        if look.scales.get(name) in _AXES
        and not look.table[name].dtype.is_nested()
        and not look.table[name].null_count()
        and name != "row_key"
    }
    axes = [name for name, size in sizes.items() if 2 <= size <= rows / 2][:_MOST_AXES]
    for one, other in combinations(axes, 2):
        cells = sizes[one] * sizes[other]
        if not rows < cells <= rows / _DENSE or look.table.select(pl.struct(one, other).n_unique()).item() != rows:
            continue
        yield _missing(
            f"{one} x {other}",
            cells - rows,
            f"each {one} should meet each {other} once, {cells:,} pairs in all",
            holes=_absent(look, one, other),
            places=cells - rows,
        )


def _absent(look: Look, one: str, other: str) -> list[tuple[Any, Any, int]]:
    """The first pairs that are missing."""
    table, texts = look.table, {name: look.scales[name] == "datetime" for name in (one, other)}
    grid = table.select(pl.col(one).unique()).join(table.select(pl.col(other).unique()), how="cross")
    absent = grid.join(table.select(one, other), on=[one, other], how="anti").sort(one, other).head(_SHOWN)
    named = absent.with_columns(_timed(name) if texts[name] else pl.col(name).cast(pl.String) for name in (one, other))
    return [(left, right, 1) for left, right in named.iter_rows()]


def _timed(name: str) -> pl.Expr:
    return pl.col(name).map_elements(
        lambda value: _time(float(value)) if isinstance(value, int | float) else str(value), pl.String
    )


def _missing(
    subject: str, count: int, what: str, *, holes: list[tuple[Any, Any, int]], places: int | None = None
) -> Finding:
    largest = sorted(holes, key=lambda hole: -hole[2])[:_SHOWN]
    return Finding(
        check="data.gaps",
        subject=subject,
        verdict=Verdict.FAIL,
        summary=f"{what}; {plural(count, 'record')} missing in {plural(places or len(holes), 'place')}.",
        measured=float(count),
        unit="records",
        evidence={"places": [{"from": begin, "to": end, "records": size} for begin, end, size in largest]},
        remedy="get the missing records from the source, or say why there are none",
    )


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
