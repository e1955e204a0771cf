"""The score card: for each of the six dimensions a share without breach, its interval, and what stands behind it.

How a score is made, stated once for all: cells (or records) that were judged, less those that a check called breached,
over those judged. A cell that two checks name is counted once where both name cells; a suspicion counts from a
likelihood of one half. Missing records count as records whose cells are all missing. The interval is Wilson's with as
many trials as there are rows, since cells of a row are not independent; it speaks of the process that made the table.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import polars as pl
from msgspec import Struct, field

from roadworthy.data.quality.dimensions import MEANING, Dimension, dimension_of
from roadworthy.data.quality.expected import expected_columns
from roadworthy.data.quality.look import Look
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Verdict
from roadworthy.measures.intervals import wilson

VERSION = 1
_LIKELY = 0.5
_BY_SEVERITY = {Severity.BLOCKER: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_BY_VERDICT = {Verdict.FAIL: 0, Verdict.CANNOT_TELL: 1, Verdict.PASS: 2}
_SHARES = frozenset(("completeness", "uniqueness", "near_duplicates", "accuracy"))


class SubjectScore(Struct, frozen=True, kw_only=True):
    """One column (or rule, or key) in one dimension.

    Attributes:
        subject: as the findings name it.
        judged: cells or records; breached: those of them with a breach.
        score: share without a breach, in [0, 1], with its interval.
    """

    subject: str
    judged: int
    breached: int
    score: float
    interval: Interval


class DimensionScore(Struct, frozen=True, kw_only=True):
    """One dimension of a table.

    Attributes:
        asks: what the dimension asks, for people.
        unit: `cells` or `records`.
        score: share without a breach; None where nothing could be judged, and `why` says why.
        subjects: those with a breach, worst first.
        findings: those of this dimension, worst first.
    """

    dimension: Dimension
    asks: str
    unit: str
    judged: int
    breached: int
    score: float | None = None
    interval: Interval | None = None
    why: str = ""
    subjects: list[SubjectScore] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class ScoreCard(Struct, frozen=True, kw_only=True):
    """The quality of one table in six numbers."""

    rows: int
    columns: int
    dimensions: list[DimensionScore]
    version: int = VERSION


def score_card(look: Look, findings: Iterable[Finding], suspects: pl.DataFrame) -> ScoreCard:
    """The card of a table from all that was found of it.

    Args:
        look: the table that was looked at.
        findings: of all checks; those that belong to no dimension are passed over.
        suspects: cells that are likely wrong, as `roadworthy.data.quality.look.SUSPECTS`.
    """
    sorted_out: dict[Dimension, list[Finding]] = defaultdict(list)
    for finding in findings:
        dimension = dimension_of(finding.check)
        if dimension is not None:
            sorted_out[dimension].append(finding)
    cells = _suspected(suspects)
    return ScoreCard(
        rows=look.table.height,
        columns=len(expected_columns(look)),
        dimensions=[_score(one, look, sorted_out[one], cells.get(one, _Cells())) for one in Dimension],
    )


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """By verdict, severity, and how much was hit."""
    return sorted(
        findings, key=lambda one: (_BY_VERDICT[one.verdict], _BY_SEVERITY[one.severity], -_count(one), one.subject)
    )


class _Cells(Struct):
    """Suspected cells of one dimension: rows of each column and the checks that say so, and rows with any."""

    columns: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    rows: int = 0


def _suspected(suspects: pl.DataFrame) -> dict[Dimension, _Cells]:
    found: dict[Dimension, _Cells] = defaultdict(_Cells)
    likely = suspects.filter(pl.col("likelihood") >= _LIKELY)
    names = {check: dimension_of(check) for check in likely["check"].unique().to_list()}
    placed = likely.with_columns(dimension=pl.col("check").replace_strict(names, return_dtype=pl.String))
    placed = placed.drop_nulls("dimension")
    by_column = placed.group_by("dimension", "column").agg(pl.col("row").n_unique(), pl.col("check").unique())
    for name, column, rows, checks in by_column.iter_rows():
        found[Dimension(name)].columns[column] = rows, frozenset(checks)
    for name, rows in placed.group_by("dimension").agg(pl.col("row").n_unique()).iter_rows():
        found[Dimension(name)].rows = rows
    return found


def _score(dimension: Dimension, look: Look, findings: list[Finding], cells: _Cells) -> DimensionScore:
    meaning, rows = MEANING[dimension], look.table.height
    absent = max((int(one.measured or 0) for one in findings if one.check == "data.gaps"), default=0)
    width = len(expected_columns(look)) if meaning.unit == "cells" else 1
    judged = (rows + absent) * width
    named, told = _breaches(findings, cells, rows)
    subjects = [_subject(name, rows, count) for name, count in (named | told).items() if count]
    if meaning.unit == "cells":
        breached = sum(one.breached for one in subjects)
    else:
        counts = [cells.rows, *(count - named.get(name, 0) for name, count in told.items())]
        breached = sum(counts) if meaning.adds else max(counts)
    breached = min(judged, breached + absent * width)
    why = _unjudged(dimension, look, findings, cells)
    known = not why
    share = breached / judged if known else 0.0
    return DimensionScore(
        dimension=dimension,
        asks=meaning.asks,
        unit=meaning.unit,
        judged=judged if known else 0,
        breached=breached if known else 0,
        score=1 - share if known else None,
        interval=_without(share * rows, rows) if known else None,
        why=why,
        subjects=sorted(subjects, key=lambda one: one.score),
        findings=worst_first(findings),
    )


def _without(breached: float, rows: int) -> Interval:
    """Where the share without a breach lies."""
    seen = wilson(breached, rows)
    return Interval(1 - seen.high, 1 - seen.low)


def _unjudged(dimension: Dimension, look: Look, findings: list[Finding], cells: _Cells) -> str:
    if not look.table.height:
        return "there is no row"
    if findings or cells.rows:
        return ""
    if dimension is Dimension.TIMELINESS:
        return "no column tells the time: declare [data] time, and max_age or refresh"
    if dimension is Dimension.ACCURACY:
        return "nothing to compare with: declare a trusted table, or check a sample by hand"
    return ""


def _breaches(findings: list[Finding], cells: _Cells, rows: int) -> tuple[dict[str, int], dict[str, int]]:
    """For each subject, how many of its cells are suspected, and how many with what only findings tell of."""
    named = {column: count for column, (count, _) in cells.columns.items()}
    told: dict[str, int] = {}
    for finding in findings:
        known = cells.columns.get(finding.subject)
        if known is None or finding.check not in known[1]:
            before = told.get(finding.subject, named.get(finding.subject, 0))
            told[finding.subject] = min(rows, before + _count(finding))
    return named, told


def _count(finding: Finding) -> int:
    """Rows that a finding says are hit; 0 for one that measures something else."""
    if finding.unit == "rows":
        return int(finding.measured or 0)
    if finding.unit == "share" and finding.check.split(".")[1] in _SHARES:
        return int(finding.evidence.get("hits", 0))
    return 0


def _subject(name: str, rows: int, count: int) -> SubjectScore:
    return SubjectScore(
        subject=name, judged=rows, breached=count, score=1 - count / rows, interval=_without(count, rows)
    )
