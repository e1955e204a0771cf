"""Rows that break something, told as one finding."""

from typing import Any

import polars as pl

from roadworthy.data.quality.look import Look
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict

SHOWN = 20
"""Rows that a finding names at most."""


def rows_finding(check: str, subject: str, *, hit: pl.Series, keys: pl.Series, what: str, **rest: Any) -> Finding:
    """Rows that were hit, counted and the first 20 named; it fails if there is one.

    Args:
        check: dotted name of the check.
        subject: what was looked at.
        hit: one truth for each row, none missing.
        keys: the rows' names.
        what: the end of the sentence "3 of 100 ...", such as "values of age lie outside 0..120".
        rest: other fields of the finding; `evidence` is put beside the rows, `remedy` is left out of a pass.

    >>> rows_finding("data.validity", "age", hit=pl.Series([True, False]), keys=pl.Series(["a", "b"]),
    ...              what="values of age are negative").summary
    '1 of 2 values of age are negative.'
    """
    count = int(hit.sum())
    evidence = {"rows": keys.filter(hit).head(SHOWN).to_list(), **rest.pop("evidence", {})}
    remedy = rest.pop("remedy", "look at these rows")
    return Finding(
        check=check,
        subject=subject,
        verdict=Verdict.FAIL if count else Verdict.PASS,
        summary=f"{count:,} of {hit.len():,} {what}.",
        measured=float(count),
        unit="rows",
        evidence=evidence,
        remedy=remedy if count else "",
        **rest,
    )


def suspect_cells(
    look: Look, column: str, *, hit: pl.Series, check: str, likelihood: float, reason: str
) -> pl.DataFrame:
    """Cells of one column that are likely wrong for one reason, as `SUSPECTS`; nobody can tell what they should be.

    Args:
        hit: one truth for each row, none missing.
        likelihood: in [0, 1], that such a cell is wrong.
        reason: why, in a few words.
    """
    rows = hit.arg_true().cast(pl.UInt32).alias("row")
    return rows.to_frame().select(
        "row",
        column=pl.lit(column),
        value=look.text(column).gather(rows),
        check=pl.lit(check),
        likelihood=pl.lit(likelihood),
        proposal=pl.lit(None, dtype=pl.String),
        reason=pl.lit(reason),
    )
