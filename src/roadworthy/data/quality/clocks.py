"""Clocks: those that run ahead or in another zone, daylight saving in local times, and records that arrive late."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import permutations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.quality.breaches import rows_finding
from roadworthy.data.quality.gaps import usual_step
from roadworthy.data.quality.look import Look, Seen
from roadworthy.data.quality.moments import moments, time_of_rows
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_LEAST_ROWS = 50
_MOSTLY = 0.9
_HOUR = 3600.0
_DAY = 86_400.0
_TOLERANCE = 300.0
_MOST_COLUMNS = 6
_ZONE_SHARE = 0.02
_SUNDAY = 6
_CHANGE_MONTHS = (3, 4, 9, 10, 11)
_BEHIND = 0.01
_IN_ORDER = 0.9


def clocks(look: Look) -> Seen:
    """Times that contradict other times, hours doubled and missing when clocks change, rows behind their neighbours."""
    if look.table.height < _LEAST_ROWS:
        return Seen()
    name = time_of_rows(look)
    found = list(_pairs(look))
    if name is not None:
        times = moments(look, name)
        found += [*_daylight_saving(name, times), *_late(look, name, times)]
    return Seen(findings=found)


def _pairs(look: Look) -> Iterator[Finding]:
    """Where one column nearly always comes before another, rows in which it comes after."""
    names = [name for name, scale in look.scales.items() if scale == "datetime" and name in look.table.columns]
    if "raw_sha256" in look.table.columns:
        names.remove("time")  # of a mail it is one of the other two
    times = {name: moments(look, name) for name in names[:_MOST_COLUMNS]}
    for first, second in permutations(times, 2):
        lag = times[second] - times[first]
        known = ~np.isnan(lag)
        if known.sum() < _LEAST_ROWS or not np.any(lag[known] != 0):
            continue
        before = float((lag[known] >= 0).mean())
        ahead = known & (lag < -_TOLERANCE)
        if before < _MOSTLY or not ahead.any():
            continue
        evidence = {"median_lag_seconds": float(np.median(lag[known])), **_zones(lag[known])}
        what = f"rows have a {first} after their {second}, which it comes before in {before:.1%}"
        yield rows_finding(
            "data.clocks",
            f"{first}, {second}",
            hit=pl.Series(ahead),
            keys=look.keys,
            what=what,
            evidence=evidence,
            remedy="a clock runs ahead, or a zone was lost: trust the column that your own system writes",
        )


def _zones(lag: NDArray[np.float64]) -> dict[str, object]:
    """Whole hours at which lags pile up beside their usual size: times read in another zone."""
    hours = np.round((lag - np.median(lag)) / _HOUR)
    exact = (np.abs(lag - np.median(lag) - hours * _HOUR) < 60) & (np.abs(hours) <= 14) & (hours != 0)
    values, counts = np.unique(hours[exact], return_counts=True)
    return {
        "shifted_by_hours": {
            f"{value:+.0f}": int(count)
            for value, count in zip(values, counts, strict=True)
            if count >= max(_ZONE_SHARE * len(lag), 10)
        }
    }


def _daylight_saving(name: str, times: NDArray[np.float64]) -> Iterator[Finding]:
    """Hours that stand twice or not at all, on Sundays in the months in which clocks change and nowhere else."""
    known = np.sort(times[~np.isnan(times)])
    slots, counts = np.unique(known, return_counts=True)
    step = usual_step(slots) if len(slots) >= _LEAST_ROWS else None
    usual = float(np.median(counts)) if len(counts) else 0.0
    if step is None or step > _HOUR:
        return
    doubled = slots[counts == 2 * usual]
    holes = slots[:-1][np.abs(np.diff(slots) - step - _HOUR) < 1] + step
    marked = np.concatenate([doubled, holes])
    days = {datetime.fromtimestamp(float(one), UTC).date() for one in marked}
    if not len(doubled) or not all(day.weekday() == _SUNDAY and day.month in _CHANGE_MONTHS for day in days):
        return
    yield Finding(
        check="data.daylight_saving",
        subject=name,
        verdict=Verdict.FAIL,
        summary=f"{plural(len(doubled), 'time')} of {name} stand twice and {plural(len(holes), 'hour')} not at all, "
        "all on Sundays on which clocks change: the times are local.",
        measured=float(len(marked)),
        unit="times",
        evidence={"days": sorted(day.isoformat() for day in days)},
        remedy="store times in UTC, or with their offset; an hour that stands twice cannot be told apart",
    )


def _late(look: Look, name: str, times: NDArray[np.float64]) -> Iterator[Finding]:
    """In a table that is in order of time, rows far behind what came before them."""
    filled = np.where(np.isnan(times), -np.inf, times)
    newest = np.maximum.accumulate(filled)
    behind = np.concatenate([[0.0], newest[:-1] - times[1:]])
    behind = np.where(np.isfinite(behind), behind, 0.0)
    span = float(np.nanmax(times) - np.nanmin(times)) if bool(np.any(~np.isnan(times))) else 0.0
    if span == 0 or float((behind <= 0).mean()) < _IN_ORDER:
        return
    period = look.data.refresh.seconds if look.data.refresh else max(_BEHIND * span, _DAY)
    late = behind > period
    # One clock that runs ahead makes all that follows look late.
    if not late.any() or float(late.mean()) > 1 - _IN_ORDER:
        return
    what = f"rows arrive late: up to {float(behind[late].max()) / _DAY:.1f} days behind the newest {name} before them"
    yield rows_finding(
        "data.late",
        name,
        hit=pl.Series(late),
        keys=look.keys,
        what=what,
        evidence={"more_than_seconds": period},
        remedy="wait for late records before training on a period, or train again when they are in",
    )
