"""The body of a report, section by section: plain rows and ready pictures for the template."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from roadworthy.documents import charts
from roadworthy.documents.intervals import Bar, side_by_side
from roadworthy.documents.words import SHARES, between, meaning, number, title
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Verdict
from roadworthy.kernel.records import Evaluation, Measured

_FIRST = (
    "precision", "recall", "f1", "false_positive_rate", "false_negative_rate", "error_rate", "accuracy", "auc",
    "one_minus_auc_percent", "average_precision", "brier", "log_loss", "ece", "cost", "balanced_accuracy", "mcc",
)  # fmt: skip
_COMPARED = ("f1", "recall", "precision", "false_positive_rate", "auc", "cost")
_MOST_SLICES = 12
_MOST_GROUPS = 24


class MetricRow(Struct, frozen=True):
    """A line of the table of measures."""

    name: str
    meaning: str
    value: str
    interval: str
    rows: int


class Picture(Struct, frozen=True):
    """A drawing with its caption; `svg` is safe, the rest is not."""

    title: str
    note: str
    svg: str


class LevelRow(Struct, frozen=True, kw_only=True):
    """What one test level or room found."""

    name: str
    class_: str
    required: bool
    findings: list[Finding]
    passed: int
    noted: int
    held: int


def metric_rows(evaluation: Evaluation) -> list[MetricRow]:
    """Every measure with its interval, the telling ones first."""
    names = sorted(evaluation.metrics, key=lambda name: (_FIRST.index(name) if name in _FIRST else 99, name))
    return [
        MetricRow(title(name), meaning(name), number(m.value, unit), between(m.interval, unit), m.rows)
        for name in names
        if (m := evaluation.metrics[name]) and (unit := unit_of_metric(name, m)) is not None
    ]


def unit_of_metric(name: str, measured: Measured) -> str:
    """The unit in which a measure is shown."""
    return measured.unit or ("share" if name in SHARES else "")


def curves(evaluation: Evaluation, *, threshold: float, cost_unit: str) -> list[Picture]:
    """The curves that were measured."""
    points, counts = evaluation.curves, evaluation.confusion
    rows = sum(counts.values())
    base_rate = (counts.get("tp", 0) + counts.get("fn", 0)) / rows if rows else 0.0
    drawn = []
    if points.get("calibration"):
        note = "On the dashed line a stated 80 % turns out true in 80 of 100 cases. Larger dots rest on more rows."
        drawn.append(Picture("Calibration", note, charts.calibration(points["calibration"])))
    if points.get("cost"):
        note = (
            "What the errors cost at every threshold. The threshold was chosen before this part of the data was seen."
        )
        drawn.append(Picture("Cost", note, charts.cost(points["cost"], threshold=threshold, unit=cost_unit)))
    if points.get("roc"):
        note = "How many positives are found for each share of false alarms. Enlarged where the curve hugs the corner."
        drawn.append(Picture("ROC", note, charts.roc(points["roc"], threshold=threshold)))
    if points.get("precision_recall"):
        note = "How often a positive answer is right, for each share of positives found. Dashed: guessing."
        svg = charts.precision_recall(points["precision_recall"], threshold=threshold, base_rate=base_rate)
        drawn.append(Picture("Precision and recall", note, svg))
    return drawn


def comparisons(evaluation: Evaluation) -> list[Picture]:
    """The model beside every baseline, measure by measure."""
    drawn = []
    for name in _COMPARED:
        model = evaluation.metrics.get(name)
        others = {label: found[name] for label, found in evaluation.baselines.items() if name in found}
        if model is None or not others:
            continue
        unit = unit_of_metric(name, model)
        words = f"{meaning(name)}, in {unit}" if unit not in ("", "share", "%") else meaning(name)
        bars = [Bar(name="this model", value=model.value, interval=model.interval)]
        bars += [Bar(name=title(key), value=m.value, interval=m.interval, class_="other") for key, m in others.items()]
        label = f"{title(name)} of this model and of {', '.join(others)}"
        drawn.append(Picture(title(name), words, side_by_side(bars, unit=unit, label=label)))
    return drawn


def slices(evaluation: Evaluation) -> list[Picture]:
    """The weakest slices of each measure beside the whole."""
    by_metric: dict[str, list[dict[str, Any]]] = {}
    for row in evaluation.slices:
        by_metric.setdefault(str(row["metric"]), []).append(row)
    drawn = []
    for name, rows in by_metric.items():
        unit, overall = "share" if name in SHARES else "", _number(rows[0].get("overall"))
        bars = [_row_bar(str(row["slice"]), row, "value") for row in rows[:_MOST_SLICES]]
        note = f"The line is the whole test part: {number(overall, unit)}."
        label = f"{title(name)} by slice, weakest first"
        svg = side_by_side(bars, unit=unit, reference=overall, wide=True, label=label)
        drawn.append(Picture(title(name), note, svg))
    return drawn


def groups(evaluation: Evaluation) -> list[Picture]:
    """For each attribute and rate, the groups side by side with their intervals."""
    drawn = []
    attributes = dict.fromkeys(str(row["attribute"]) for row in evaluation.groups)
    for attribute in attributes:
        rows = [row for row in evaluation.groups if str(row["attribute"]) == attribute][:_MOST_GROUPS]
        for rate in rates_of(rows):
            bars = [_row_bar(str(row["group"]), row, rate) for row in rows]
            unit = "" if rate.startswith("auc") else "share"
            svg = side_by_side(bars, unit=unit, label=f"{title(rate)} by {attribute}")
            drawn.append(Picture(f"{title(rate)} by {attribute}", meaning(rate), svg))
    return drawn


def rates_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The rates of groups: whatever has a value between a low and a high end in at least one of them."""
    return list(dict.fromkeys(name for row in rows for name, value in row.items() if isinstance(value, dict)))


def levels(findings: Sequence[Finding], *, required: Sequence[str], missing: Sequence[str]) -> list[LevelRow]:
    """All findings by the level that made them, required levels first."""
    names = list(dict.fromkeys([*required, *(finding.level for finding in findings)]))
    return [_level(name, findings, name in required, name in missing) for name in names]


def _level(name: str, findings: Sequence[Finding], required: bool, missing: bool) -> LevelRow:
    mine = sorted((one for one in findings if one.level == name), key=_weight)
    held = [one for one in mine if one.blocks]
    failing = missing or any(one.verdict is Verdict.FAIL for one in held)
    passed = sum(one.verdict is Verdict.PASS for one in mine)
    return LevelRow(
        name=name,
        class_="fail" if failing else "doubt" if held else "pass",
        required=required,
        findings=mine,
        passed=passed,
        noted=len(mine) - passed - len(held),
        held=len(held),
    )


def _weight(finding: Finding) -> tuple[int, str, str]:
    """Blockers that block first, then warnings, then what passed."""
    if finding.blocks:
        rank = 0 if finding.verdict is Verdict.FAIL else 1
    elif finding.verdict is Verdict.PASS:
        rank = 9
    else:
        rank = 2 + 2 * (finding.severity is Severity.NOTE) + (finding.verdict is Verdict.CANNOT_TELL)
    return rank, finding.check, finding.subject


def _row_bar(name: str, row: Mapping[str, Any], rate: str) -> Bar:
    """A bar from `value`, `low`, `high` of the row itself, or of the record that lies in it under the rate's name."""
    inside = row.get(rate) if rate != "value" else row
    ends = inside if isinstance(inside, Mapping) else {}
    low, high, rows = _number(ends.get("low")), _number(ends.get("high")), ends.get("rows", row.get("rows"))
    return Bar(
        name=name,
        value=_number(ends.get("value")),
        interval=Interval(low, high) if low is not None and high is not None else None,
        note=f"n = {rows:,}" if isinstance(rows, int) else "",
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
