"""Timeliness: what is too old, what cannot be that young, and deliveries that stay away."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.quality.breaches import rows_finding
from roadworthy.data.quality.look import Look, Seen
from roadworthy.data.quality.moments import moments, time_of_rows
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import Duration

_DAY = 86_400.0
_YEAR = 366 * _DAY
_FEW = 0.01
_LATE = 1.1
_SKIPPED = 1.5
_SHOWN = 20
_REMEDY = {
    "data.timeliness": "get newer records, or declare a longer max_age",
    "data.dates": "nothing, if few: they are placed among the records of their own archive folder",
    "data.future_dates": "correct the clock or the dates at the source",
    "data.old_dates": "correct the dates at the source, or leave these records out",
}


def timeliness(look: Look) -> Seen:
    """Rows without a time, in the future, alone in the past, older than declared; and deliveries that did not come.

    Without a column that tells the time there is nothing to say. A date years after all others is taken for a clock
    that runs ahead, and does not make the rest old.
    """
    name = time_of_rows(look)
    if name is None:
        return Seen()
    times = moments(look, name)
    known = np.sort(times[~np.isnan(times)])
    found: list[Finding] = []
    if len(known) < len(times):
        found.append(_told("data.dates", look, np.isnan(times), what=f"rows have no readable {name}"))
    if not len(known):
        return Seen(findings=found)
    first, last = _without_strays(known)
    as_of = look.as_of if look.as_of is not None else last
    found += _strays(look, times, (first, last), as_of=as_of)
    if look.data.max_age is not None:
        what = f"rows are older than {look.data.max_age} at {_day(as_of)}"
        found.append(_told("data.timeliness", look, times < as_of - look.data.max_age.seconds, what=what))
    if look.data.refresh is not None:
        kept = known[(known >= first) & (known <= min(last, as_of))]
        found.append(judge_deliveries(name, kept, look.data.refresh, as_of=look.as_of))
    return Seen(findings=found)


def _without_strays(known: NDArray[np.float64]) -> tuple[float, float]:
    """The first and last time of the bulk: at most one row in a hundred lies more than a year beyond either."""
    few = max(1, int(_FEW * len(known)))
    if len(known) < 3:
        return float(known[0]), float(known[-1])
    steps = np.diff(known)
    low, high = np.flatnonzero(steps[:few] > _YEAR), np.flatnonzero(steps[-few:] > _YEAR)
    first = int(low[-1]) + 1 if len(low) else 0
    last = len(known) - 1 - (few - int(high[0])) if len(high) else len(known) - 1
    return (float(known[first]), float(known[last])) if first < last else (float(known[0]), float(known[-1]))


def _strays(look: Look, times: NDArray[np.float64], bulk: tuple[float, float], *, as_of: float) -> Iterator[Finding]:
    first, last = bulk
    if look.as_of is not None and bool(np.any(times > as_of)):
        yield _told("data.future_dates", look, times > as_of, what=f"rows are dated after {_day(as_of)}")
    elif bool(np.any(times > last)):
        count = int((times > last).sum())
        what = f"{'row lies' if count == 1 else 'rows lie'} more than a year after all others"
        yield _told("data.future_dates", look, times > last, what=what)
    if bool(np.any(times < first)):
        count = int((times < first).sum())
        what = f"{'row lies' if count == 1 else 'rows lie'} more than a year before all others"
        yield _told("data.old_dates", look, times < first, what=what)


class Deliveries(NamedTuple):
    """What came when: deliveries seen, those that came late, how many did not come, and when they should have."""

    seen: int
    late: int
    skipped: int
    places: list[tuple[float, int]]
    spread: float


def deliveries(known: NDArray[np.float64], refresh: float) -> Deliveries:
    """Records that come in batches, or in a stream, against a schedule.

    Times less than half a period apart belong to one delivery. A stream, in which all do, is cut into periods.

    Args:
        known: UTC seconds, ascending, at least one.
        refresh: seconds between deliveries.

    >>> deliveries(np.array([0.0, 1.0, 86400.0, 86401.0, 259200.0]), 86400.0).skipped
    1
    """
    begins = np.flatnonzero(np.concatenate([[True], np.diff(known) >= refresh / 2]))
    ends = np.append(begins[1:], len(known)) - 1
    starts = known[begins]
    if float(np.median(known[ends] - starts)) > refresh / 2:
        starts = known[0] + refresh * np.unique(np.floor((known - known[0]) / refresh))
    steps = np.diff(starts) / refresh
    missed = np.where(steps > _SKIPPED, np.maximum(np.round(steps) - 1, 1), 0).astype(np.int64)
    late = int(((steps > _LATE) & (steps <= _SKIPPED)).sum())
    places = [(float(starts[at] + refresh), int(missed[at])) for at in np.flatnonzero(missed)]
    return Deliveries(len(starts), late, int(missed.sum()), places, float(np.std(steps)) if len(steps) else 0.0)


def judge_deliveries(name: str, known: NDArray[np.float64], refresh: Duration, *, as_of: float | None) -> Finding:
    """Deliveries that were late or did not come, and whether one is due; it fails if one was skipped or is overdue."""
    seen = deliveries(known, refresh.seconds)
    waiting = 0.0 if as_of is None else (as_of - float(known[-1])) / refresh.seconds
    overdue = waiting > _SKIPPED
    said = [f"{name} tells of {seen.seen:,} deliveries, one expected every {refresh}"]
    said += [f"{seen.skipped:,} did not come", f"{seen.late:,} came late"]
    said += [f"the last is {waiting:.1f} periods old"] if overdue else []
    return Finding(
        check="data.refresh",
        subject=name,
        verdict=Verdict.FAIL if seen.skipped or overdue else Verdict.PASS,
        summary="; ".join(said) + ".",
        measured=float(seen.skipped),
        unit="deliveries",
        severity=Severity.WARNING,
        evidence={
            "deliveries": seen.seen,
            "late": seen.late,
            "spread_of_periods": round(seen.spread, 4),
            "skipped_from": [{"from": _moment(at), "deliveries": count} for at, count in seen.places[:_SHOWN]],
        },
        remedy="ask the source why it was silent, or declare how often it delivers" if seen.skipped or overdue else "",
    )


def _told(check: str, look: Look, hit: NDArray[np.bool_], *, what: str) -> Finding:
    name = time_of_rows(look) or ""
    return rows_finding(check, name, hit=pl.Series(hit), keys=look.keys, what=what, remedy=_REMEDY[check])


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
