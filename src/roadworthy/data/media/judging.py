"""What is odd about some of many files: the few that differ from all others, and those that break a bound."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_SHOWN = 20
_MOST = 0.9
"""Share of files that must agree before the others are odd."""


def odd_ones_out(files: pl.DataFrame, column: str, *, check: str, what: str, remedy: str) -> list[Finding]:
    """A note on the files whose value differs from that of nine in ten others; nothing where there is no such rule."""
    counted = files[column].value_counts(sort=True).sort("count", column, descending=[True, False])
    usual, count = counted.row(0)
    others = files.filter(pl.col(column).ne_missing(usual))
    if others.is_empty() or count < _MOST * files.height:
        return []
    values = {str(value): number for value, number in counted.rows()[1 : _SHOWN + 1]}
    said = ", ".join(f"{value} ({number:,})" for value, number in list(values.items())[:5])
    summary = f"{plural(others.height, 'file')} of {files.height:,} have another {what} than {usual}: {said}."
    return [named(check, others, summary, remedy=remedy, more={"usual": str(usual), "values": values})]


def breaking(files: pl.DataFrame, broken: pl.Expr, *, check: str, what: str, remedy: str) -> list[Finding]:
    """A note on the files for which something holds; nothing where it holds for none."""
    hit = files.filter(broken)
    if hit.is_empty():
        return []
    return [named(check, hit, f"{plural(hit.height, 'file')} of {files.height:,} {what}.", remedy=remedy)]


def named(
    check: str, hit: pl.DataFrame, summary: str, *, remedy: str, more: Mapping[str, Any] | None = None
) -> Finding:
    """A note that names files."""
    names = hit["file"].head(_SHOWN).to_list()
    return Finding(
        check=check,
        subject=names[0] if hit.height == 1 else "files",
        verdict=Verdict.FAIL,
        summary=summary if hit.height > 1 else summary.removesuffix(".") + f": {names[0]}.",
        measured=float(hit.height),
        unit="files",
        severity=Severity.NOTE,
        evidence={"rows": names, **(more or {})},
        remedy=remedy,
    )
