"""Has a table moved away from another one? Told from their two profiles, without the data."""

import math
from typing import Any

import msgspec

from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Interval, Limit, Verdict
from roadworthy.measures.judging import Subject, sentence
from roadworthy.measures.profile.compare import Moved, compare
from roadworthy.measures.profile.profile import Profile

MOST = Limit("<=", 0.10)
"""Share of rows that may have moved before a column counts as drifted."""


def judge_drift(before: Profile, after: Profile, *, limit: Limit = MOST, level: float = 0.95) -> list[Finding]:
    """One finding for each column, what has moved most first; and one for each that came, went or changed its kind.

    The interval is about the sources of both tables: what two samples of one source differ by is taken off its lower
    end. It is widened for the number of columns, so that a table of many has no more false alarms than a table of
    one.

    Args:
        before: what is compared with.
        after: what is judged.
        limit: of the share of rows that have moved, `data.drift`.
        level: of all intervals together.

    Source: McDiarmid (1989), bounded differences: 148-188; the union bound over columns.

    >>> import polars as pl
    >>> from roadworthy.data.profiling.profiling import profile_table
    >>> one, two = (profile_table(pl.DataFrame({"n": range(size)})) for size in (9000, 6000))
    >>> judge_drift(one, two)[0].summary[:35]
    'n: share of rows that moved is 30 %'
    """
    found = compare(before, after)
    lost = [_column(name, "is gone") for name in found.gone] + [_column(name, "is new") for name in found.new]
    widened = 1 - (1 - level) / max(len(found.columns), 1)
    return lost + [_judged(moved, limit, level=level, widened=widened) for moved in found.columns]


def _judged(moved: Moved, limit: Limit, *, level: float, widened: float) -> Finding:
    if moved.kinds[0] != moved.kinds[1] and moved.before and moved.after:
        return _column(moved.name, f"was {moved.kinds[0]} and is {moved.kinds[1]} now")
    share = abs(moved.missing[1] - moved.missing[0]) if moved.distance is None else moved.distance
    if not moved.rows[0] or not moved.rows[1]:
        return Finding(
            check="data.drift",
            subject=moved.name,
            verdict=Verdict.CANNOT_TELL,
            summary=f"{moved.name}: drift cannot be told, a table has no row.",
            limit=limit,
        )
    interval = _interval(share, moved, level=level, widened=widened)
    verdict = limit.judge(share, interval)
    return Finding(
        check="data.drift",
        subject=moved.name,
        verdict=verdict,
        summary=f"{moved.name}: {sentence(Subject('share of rows that moved'), share, interval, limit)}",
        measured=share,
        unit="share",
        interval=interval,
        limit=limit,
        evidence=_facts(moved),
        remedy="" if verdict is Verdict.PASS else "find out what changed at the source; retrain if it is here to stay",
    )


def _interval(share: float, moved: Moved, *, level: float, widened: float) -> Interval:
    one, two = moved.rows
    chance = math.sqrt(math.log(2 / (1 - widened)) / 2 * (1 / one + 1 / two))
    return Interval(max(share - (moved.noise or 0.0) - chance, 0.0), min(share + chance, 1.0), level=level)


def _column(name: str, what: str) -> Finding:
    return Finding(
        check="data.drift.columns",
        subject=name,
        verdict=Verdict.FAIL,
        summary=f"column {name} {what}.",
        remedy="mend the source, or take a new reference",
    )


def _facts(moved: Moved) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(moved)
    return {name: value for name, value in facts.items() if name != "name" and value is not None}
