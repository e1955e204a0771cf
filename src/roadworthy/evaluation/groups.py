"""Group fairness: what each group gets, and whether the declared limits hold between all of them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from msgspec import Struct

from roadworthy.declare.requirements import Fairness
from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Limit, Verdict
from roadworthy.kernel.records import Scored
from roadworthy.kernel.units import plural
from roadworthy.measures.arrays import aligned
from roadworthy.measures.classification import Confusion, share
from roadworthy.measures.fairness import Gap, Group, gap, grouped, residual_interval, rows_to_decide_gap
from roadworthy.measures.intervals import wilson
from roadworthy.measures.judging import Subject, sentence

MISSING = "(missing)"
_SHOWN = (
    "selection_rate",
    "prevalence",
    "accuracy",
    "precision",
    "recall",
    "false_positive_rate",
    "false_negative_rate",
)
_NOUNS = {
    "demographic_parity_ratio": "the smallest ratio of shares called positive",
    "demographic_parity_gap": "the largest gap in the share called positive",
    "equal_opportunity_gap": "the largest gap in recall",
    "false_positive_rate_gap": "the largest gap in the false-positive rate",
    "equalized_odds_gap": "the largest gap in recall or the false-positive rate",
    "calibration_gap": "the largest gap in calibration",
}
_REMEDY = "find the features that carry the gap, gather more rows of the group that loses, or mitigate"


class Audited(Struct, frozen=True, kw_only=True):
    """One attribute (or two crossed), its groups, and how many rows name no group."""

    attribute: str
    groups: dict[str, Group]
    missing: int


def audit(scored: Scored, columns: Mapping[str, Sequence[object]], *, intersections: bool) -> list[Audited]:
    """Count the groups of each attribute, and of each two attributes crossed.

    Rows without a group (None, or `(missing)`) are counted but not compared.

    Raises:
        MeasureError: if a column is not aligned with the rows.
    """
    found = []
    for attribute, values in _attributes(columns, intersections=intersections):
        aligned(values, scored.truth, names=f"column {attribute} and the rows")
        groups = grouped(scored.truth, scored.decision, scored.probability, values)
        found.append(Audited(attribute=attribute, groups=groups, missing=sum(value is None for value in values)))
    return found


def group_rows(audited: Sequence[Audited]) -> list[dict[str, Any]]:
    """Each group with its rates; every rate is `value`, `low`, `high` and `rows` (None where it has no rows)."""
    return [
        {"attribute": each.attribute, "group": name, "rows": group.rows, **_rates(group)}
        for each in audited
        for name, group in each.groups.items()
    ]


def fairness_findings(audited: Sequence[Audited], fairness: Fairness) -> list[Finding]:
    """One finding `fairness.<notion>` for each declared limit and attribute; it blocks unless it passes.

    Between the groups of one attribute every pair is compared, and the bounds hold for all pairs at once at 95 %.
    """
    return [_judged(notion, each, limit) for notion, limit in fairness.limits.items() for each in audited]


def _attributes(
    columns: Mapping[str, Sequence[object]], *, intersections: bool
) -> Iterator[tuple[str, list[str | None]]]:
    known = {name: [_group(value) for value in values] for name, values in columns.items()}
    yield from known.items()
    if intersections:
        for one, two in combinations(known, 2):
            aligned(known[one], known[two], names=f"columns {one} and {two}")
            pairs = zip(known[one], known[two], strict=True)
            yield f"{one} x {two}", [None if a is None or b is None else f"{a} x {b}" for a, b in pairs]


def _group(value: object) -> str | None:
    return None if value is None or value == MISSING else str(value)


def _rates(group: Group) -> dict[str, Any]:
    rates = {name: _rate(name, group.confusion) for name in _SHOWN}
    value, interval = residual_interval(group)
    error = {"value": value, "low": interval.low, "high": interval.high, "rows": group.rows}
    return {**rates, "calibration_error": error}


def _rate(name: str, counted: Confusion) -> dict[str, Any] | None:
    try:
        hits, trials = share(name, counted)
    except MeasureError:
        return None
    interval = wilson(hits, trials)
    return {"value": hits / trials, "low": interval.low, "high": interval.high, "rows": trials}


def _judged(notion: str, each: Audited, limit: Limit) -> Finding:
    if len(each.groups) < 2:
        return _too_few(notion, each, limit)
    found = gap(notion, each.groups)
    verdict = Verdict.CANNOT_TELL if found.value is None else limit.judge(found.value, found.interval)
    needed = rows_to_decide_gap(notion, each.groups, limit) if verdict is Verdict.CANNOT_TELL else None
    more = sum(needed.values()) or None if needed else None
    return Finding(
        check=f"fairness.{notion}",
        subject=each.attribute,
        verdict=verdict,
        summary=_words(notion, each, found, limit, more),
        measured=found.value,
        unit="ratio" if notion.endswith("_ratio") else "share",
        interval=found.interval,
        limit=limit,
        severity=Severity.BLOCKER,
        evidence={
            "between": list(found.between),
            "unknown": list(found.unknown),
            "compared": found.compared,
            "rows": {name: group.rows for name, group in each.groups.items()},
            "rows_without_group": each.missing,
            "rows_needed": needed or {},
        },
        remedy=_remedy(verdict, needed),
        more_rows=more,
    )


def _words(notion: str, each: Audited, found: Gap, limit: Limit, more: int | None) -> str:
    noun = f"{_NOUNS[notion]} between groups of {each.attribute}"
    unit = "" if notion.endswith("_ratio") else "share"
    if found.value is None:
        return f"{noun} cannot be told: {', '.join(found.unknown)} hold no row to see it on; asked for {limit}"
    corrected = f", corrected for {plural(found.compared, 'comparison')}" if found.compared > 1 else ""
    between = f"{' and '.join(found.between)}{corrected}"
    return sentence(Subject(noun), found.value, found.interval, limit, unit=unit, counted=between, more=more)


def _remedy(verdict: Verdict, needed: Mapping[str, int] | None) -> str:
    if verdict is Verdict.PASS:
        return ""
    if verdict is Verdict.FAIL:
        return _REMEDY
    if not needed:
        return "the gap lies at the limit itself: no number of rows will tell"
    listed = ", ".join(f"{rows:,} of {name}" for name, rows in list(needed.items())[:8])
    return f"label more rows for the test part: about {listed}"


def _too_few(notion: str, each: Audited, limit: Limit) -> Finding:
    return Finding(
        check=f"fairness.{notion}",
        subject=each.attribute,
        verdict=Verdict.CANNOT_TELL,
        summary=f"{_NOUNS[notion]} cannot be told: there is {plural(len(each.groups), 'group')} of {each.attribute}",
        unit="share",
        limit=limit,
        severity=Severity.BLOCKER,
        evidence={
            "rows": {name: group.rows for name, group in each.groups.items()},
            "rows_without_group": each.missing,
        },
        remedy="test on rows of at least two groups",
    )
