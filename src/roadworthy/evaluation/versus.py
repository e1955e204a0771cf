"""Better than what there is already? Two models on the same rows, compared row by row."""

from roadworthy.declare.problem import Costs
from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Limit, Verdict
from roadworthy.kernel.records import Scored
from roadworthy.kernel.units import plural
from roadworthy.measures.classification import f_beta_of
from roadworthy.measures.comparison import mcnemar, paired_cells, paired_cost_difference, paired_difference
from roadworthy.measures.intervals import rows_to_narrow
from roadworthy.measures.judging import answer, in_words


def better_than(name: str, scored: Scored, baseline: Scored, *, costs: Costs) -> Finding:
    """Whether the model costs less than a baseline on the same rows, by the declared costs.

    The interval of the paired difference decides; McNemar's exact test and the difference in F1 are in the evidence.

    Args:
        name: of the baseline (majority, simple, live).
        scored: the model's answers; baseline: the baseline's on the same rows, in the same order.
        costs: of each error.

    Raises:
        MeasureError: if the two were not scored on the same rows.
    """
    _same_rows(name, scored, baseline)
    cells = paired_cells(scored.truth, scored.decision, baseline.decision)
    saved, interval = paired_cost_difference(
        cells, false_positive=costs.false_positive, false_negative=costs.false_negative
    )
    f1_gain, f1_interval = paired_difference(cells, f_beta_of)
    only_model, only_baseline = int(cells[0, 0, 1] + cells[1, 1, 0]), int(cells[0, 1, 0] + cells[1, 0, 1])
    limit = Limit(">", 0.0)
    verdict = limit.judge(saved, interval)
    more = rows_to_narrow(saved, interval, limit, rows=len(scored.truth)) if verdict is Verdict.CANNOT_TELL else None
    low, high = in_words(interval.low, ""), in_words(interval.high, "")
    words = (
        f"a row costs {in_words(abs(saved), costs.unit)} {'less' if saved >= 0 else 'more'} than with the {name} model "
        f"(95 % interval of the saving {low} to {high}; alone right on {plural(only_model, 'row')}, alone wrong on "
        f"{only_baseline:,}; F1 {in_words(abs(f1_gain), '')} {'higher' if f1_gain >= 0 else 'lower'}): "
        f"{answer(verdict, more=more)}"
    )
    return Finding(
        check=f"performance.better_than.{name}",
        subject=f"model against {name}",
        verdict=verdict,
        summary=words,
        measured=saved,
        unit=costs.unit or "cost per row",
        interval=interval,
        limit=limit,
        severity=Severity.BLOCKER,
        evidence={
            "only_model_right": only_model,
            "only_baseline_right": only_baseline,
            "mcnemar_p": mcnemar(only_model, only_baseline),
            "f1_difference": _as_json(f1_gain, f1_interval),
            "cost_difference": _as_json(saved, interval),
        },
        remedy="" if verdict is Verdict.PASS else f"improve the model, or release the {name} model instead",
        more_rows=more,
    )


def _same_rows(name: str, scored: Scored, baseline: Scored) -> None:
    if scored.rows.tolist() != baseline.rows.tolist() or scored.truth.tolist() != baseline.truth.tolist():
        raise MeasureError(
            f"the {name} model was not scored on the rows that the model was scored on",
            where=f"baseline {name}",
            fix="score both on the same rows, in the same order",
        )


def _as_json(value: float, interval: Interval) -> dict[str, float]:
    return {"value": value, "low": interval.low, "high": interval.high}
