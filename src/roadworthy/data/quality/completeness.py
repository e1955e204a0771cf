"""Completeness: what is not there."""

import polars as pl

from roadworthy.data.quality.expected import expected_columns
from roadworthy.data.quality.look import Look, Seen
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import parse_limit
from roadworthy.measures.judging import share_finding

_MOST_MISSING = parse_limit("<= 5 %")


def completeness(look: Look) -> Seen:
    """The share of missing values of each column that has any."""
    return Seen(findings=_missing(look))


def _missing(look: Look) -> list[Finding]:
    """One finding for each column with missing values that is not optional; an empty text counts as missing."""
    found: list[Finding] = []
    important = {look.target, look.data.key, look.data.time, *look.used}
    for name in expected_columns(look):
        column = look.table[name]
        count = column.null_count() + (int((column == "").sum()) if column.dtype == pl.String() else 0)
        if not count:
            continue
        found.append(
            share_finding(
                "data.completeness",
                name,
                hits=count,
                trials=look.table.height,
                limit=_MOST_MISSING,
                summary_noun=f"share of rows without {name}",
                severity=Severity.WARNING if name in important else Severity.NOTE,
                remedy="complete it at the source, or declare the column optional",
            )
        )
    return found
