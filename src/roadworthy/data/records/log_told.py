"""What was met in one log, told in findings."""

from collections import Counter
from typing import Protocol

from roadworthy.data.records.noted import noted
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_SHOWN = 20


class Seen(Protocol):
    """What a reader of logs counts."""

    archive: str
    formats: Counter[str]
    unmatched: Counter[int]
    too_long: Counter[int]
    joined: int
    no_year: int
    no_time: list[str]
    notes: list[str]


def told(seen: Seen, rows: int) -> list[Finding]:
    """One finding for each thing that a reader of the table should know."""
    found = [_formats(seen, rows)] if seen.formats else []
    if seen.unmatched:
        found.append(_unmatched(seen, rows))
    if seen.too_long:
        found.append(_lines("data.hostile", seen, seen.too_long, "are too long; their beginning is kept"))
    if seen.no_year:
        found.append(
            noted(
                "data.dates",
                seen.archive,
                f"{plural(seen.no_year, 'record')} of {seen.archive} write no year; their time is kept as written.",
                count=seen.no_year,
                remedy="declare the year of the first line, such as year = 2026",
            )
        )
    if seen.no_time:
        found.append(
            noted(
                "data.dates",
                seen.archive,
                f"{plural(len(seen.no_time), 'record')} of {seen.archive} have a time that is not understood; it is "
                f"kept as it is written; first: {seen.no_time[0]}.",
                count=len(seen.no_time),
                evidence={"archive": seen.archive, "rows": seen.no_time[:_SHOWN]},
            )
        )
    if seen.notes:
        found.append(
            noted(
                "data.charset",
                seen.archive,
                f"Some lines of {seen.archive} are not in the encoding asked for: {', '.join(seen.notes)}.",
                count=len(seen.notes),
                remedy='declare its encoding, such as encoding = "latin-1"',
            )
        )
    return found


def _formats(seen: Seen, rows: int) -> Finding:
    """Which formats were read: passes where it is one."""
    shares = ", ".join(f"{name} ({count:,})" for name, count in seen.formats.most_common())
    joined = f"; {plural(seen.joined, 'line')} joined to the record before" if seen.joined else ""
    mixed = len(seen.formats) > 1
    return Finding(
        check="data.log_formats",
        subject=seen.archive,
        verdict=Verdict.FAIL if mixed else Verdict.PASS,
        summary=f"{plural(rows, 'record')} of {seen.archive} read as {shares}{joined}.",
        measured=float(len(seen.formats)),
        unit="formats",
        severity=Severity.NOTE,
        evidence={"archive": seen.archive, "formats": dict(seen.formats), "joined": seen.joined},
        remedy="declare format or pattern if only one of them is wanted" if mixed else "",
    )


def _unmatched(seen: Seen, rows: int) -> Finding:
    known = ", ".join(seen.formats) or "any known format"
    return _lines(
        "data.unmatched", seen, seen.unmatched, f"of {rows:,} are not written as {known}; kept as `unmatched`"
    )


def _lines(check: str, seen: Seen, lines: Counter[int], what: str) -> Finding:
    first = list(lines)[:_SHOWN]
    return Finding(
        check=check,
        subject=seen.archive,
        verdict=Verdict.FAIL,
        summary=f"{plural(len(lines), 'line')} of {seen.archive} {what}; first: {seen.archive}:{first[0]}.",
        measured=float(len(lines)),
        unit="lines",
        evidence={"archive": seen.archive, "rows": [f"{seen.archive}:{line}" for line in first]},
        remedy="look at them; declare a pattern with named groups if they hold what you need",
    )
