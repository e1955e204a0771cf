"""How rare the rarer class is. A precondition of learning, no fault of the data, so it is in no catalogue."""

import polars as pl

from roadworthy.data.quality.breaches import SHOWN
from roadworthy.declare.problem import Problem
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_RARE = 0.05


def judge_balance(table: pl.DataFrame, problem: Problem) -> Finding:
    """The share of the positive class; it fails below 5 % and above 95 %.

    Raises:
        DataError: if the target takes one value only, or never the positive one.
    """
    target, positive = problem.target, problem.positive
    counts = {str(value): count for value, count in table[target].value_counts(sort=True).iter_rows()}
    if positive not in counts or len(counts) < 2:
        held = ", ".join(f"{value} ({count:,})" for value, count in list(counts.items())[:SHOWN])
        raise DataError(
            f"{target} needs rows that are {positive!r} and rows that are not; it holds {held}",
            where=f"column {target}",
            fix="check [problem] positive, the labels, and that both classes are among the data",
        )
    share = counts[positive] / table.height
    rare = min(share, 1 - share) < _RARE
    return Finding(
        check="data.balance",
        subject=target,
        verdict=Verdict.FAIL if rare else Verdict.PASS,
        summary=f"{counts[positive]:,} of {plural(table.height, 'row')} are {positive} ({share:.1%}).",
        measured=share,
        unit="share",
        severity=Severity.NOTE,
        evidence={"counts": counts},
        remedy="judge by precision and recall, not by accuracy" if rare else "",
    )
