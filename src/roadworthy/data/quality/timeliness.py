"""Timeliness: what is too old, or cannot be that young."""

from collections.abc import Iterable
from datetime import UTC, datetime

import polars as pl

from roadworthy.data.quality.breaches import rows_finding
from roadworthy.data.quality.look import Look, Seen
from roadworthy.data.times import named_time
from roadworthy.kernel.finding import Finding

_DAY = 86_400.0
_REMEDY = {
    "data.timeliness": "get newer records, or declare a longer max_age",
    "data.dates": "nothing, if few: they are placed among the records of their own archive folder",
    "data.future_dates": "correct the clock or the dates at the source",
}


def timeliness(look: Look) -> Seen:
    """Rows without a time, dated in the future, and older than declared; nothing where no column tells the time."""
    name = named_time(look.table, look.data)
    if name is None or look.scales.get(name) != "datetime":
        return Seen()
    times = look.table[name]
    found: list[Finding] = []
    if times.null_count():
        found.append(_told("data.dates", look, times.is_null(), what=f"rows have no readable {name}"))
    if times.null_count() == times.len():
        return Seen(findings=found)
    newest = float(times.max()) if look.as_of is None else look.as_of  # type: ignore[arg-type]  # numbers, not all null
    found.extend(_future(look, times, newest))
    if look.data.max_age is not None:
        old = (times < newest - look.data.max_age.seconds).fill_null(value=False)
        found.append(
            _told("data.timeliness", look, old, what=f"rows are older than {look.data.max_age} at {_day(newest)}")
        )
    return Seen(findings=found)


def _future(look: Look, times: pl.Series, newest: float) -> Iterable[Finding]:
    late = (times > newest).fill_null(value=False)
    if late.any():
        yield _told("data.future_dates", look, late, what=f"rows are dated after {_day(newest)}")
    lonely = times.drop_nulls().sort()
    # One clock that runs ahead would otherwise be "the newest record" and make all others old.
    if lonely.len() > 2 and lonely[-1] - lonely[-2] > 366 * _DAY:
        ahead = (times == lonely[-1]).fill_null(value=False)
        yield _told("data.future_dates", look, ahead, what="row lies more than a year after all others")


def _told(check: str, look: Look, hit: pl.Series, *, what: str) -> Finding:
    name = named_time(look.table, look.data) or ""
    return rows_finding(check, name, hit=hit, keys=look.keys, what=what, remedy=_REMEDY[check])


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
