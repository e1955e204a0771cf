"""Declared bars: one finding for each, that blocks a release unless it passes.

Every bar is a requirement of its own, so each is judged at 95 %; only what is searched among many (slices, groups) is
corrected for it.
"""

from collections.abc import Mapping

from roadworthy.evaluation.cautions import TEST_PART
from roadworthy.evaluation.metrics import METRICS, SHARE_METRICS
from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Limit, Verdict
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.records import Evaluation, Measured
from roadworthy.kernel.units import plural
from roadworthy.measures.classification import Confusion, share
from roadworthy.measures.estimates import jaccard
from roadworthy.measures.intervals import rows_to_decide, rows_to_narrow
from roadworthy.measures.judging import Subject, sentence, share_finding

_REMEDIES = {
    "precision": "raise the threshold or the cost of a false positive; look at the false positives",
    "false_positive_rate": "raise the threshold or the cost of a false positive; look at the false positives",
    "specificity": "raise the threshold or the cost of a false positive; look at the false positives",
    "recall": "lower the threshold, or train on more positive rows; look at the misses",
    "false_negative_rate": "lower the threshold, or train on more positive rows; look at the misses",
    "brier": "calibrate on fresh rows",
    "log_loss": "calibrate on fresh rows",
    "ece": "calibrate on fresh rows",
}


def judge_bars(evaluation: Evaluation, metrics: Mapping[str, Limit], *, subject: str = TEST_PART) -> list[Finding]:
    """Hold measured metrics against declared limits.

    Args:
        evaluation: what was measured.
        metrics: metric name to limit; every name is one of `METRICS`.
        subject: what was measured on.

    Returns:
        One finding `performance.<metric>` a bar, in the order of the bars; `cannot tell` where the metric has no value.

    Raises:
        MeasureError: if there is no metric of a name; the nearest is offered.
    """
    return [_judged(name, evaluation, limit, subject) for name, limit in metrics.items()]


def _judged(name: str, evaluation: Evaluation, limit: Limit, subject: str) -> Finding:
    if name not in METRICS:
        raise MeasureError(f"there is no metric {name!r}", where=f"require.{name}", fix=did_you_mean(name, METRICS))
    measured = evaluation.metrics.get(name)
    if measured is None:
        return _unmeasured(name, limit, subject)
    counted = Confusion(**evaluation.confusion)
    if name in SHARE_METRICS:
        hits, trials = share(name, counted)
        return share_finding(
            f"performance.{name}",
            subject,
            hits=hits,
            trials=trials,
            limit=limit,
            summary_noun=METRICS[name].noun,
            rows_noun=METRICS[name].rows,
            severity=Severity.BLOCKER,
            remedy=_remedy(name, limit, measured),
        )
    return _from_interval(name, measured, limit, subject, more=_more(name, measured, limit, counted))


def _from_interval(name: str, measured: Measured, limit: Limit, subject: str, *, more: int | None) -> Finding:
    metric = METRICS[name]
    verdict = limit.judge(measured.value, measured.interval)
    unit = measured.unit or metric.unit
    words = sentence(
        Subject(metric.noun, metric.rows),
        measured.value,
        measured.interval,
        limit,
        unit=unit,
        counted=plural(measured.rows, metric.rows),
        more=more,
    )
    return Finding(
        check=f"performance.{name}",
        subject=subject,
        verdict=verdict,
        summary=words,
        measured=measured.value,
        unit=unit,
        interval=measured.interval,
        limit=limit,
        severity=Severity.BLOCKER,
        evidence={"rows": measured.rows},
        remedy="" if verdict is Verdict.PASS else _remedy(name, limit, measured),
        more_rows=more,
    )


def _more(name: str, measured: Measured, limit: Limit, counted: Confusion) -> int | None:
    if measured.interval is None or limit.judge(measured.value, measured.interval) is not Verdict.CANNOT_TELL:
        return None
    if name == "f1" and 0 < limit.bound < 1:
        return rows_to_decide(*jaccard(counted), Limit(limit.op, limit.bound / (2 - limit.bound)))
    return rows_to_narrow(measured.value, measured.interval, limit, rows=measured.rows)


def _remedy(name: str, limit: Limit, measured: Measured) -> str:
    if limit.judge(measured.value, measured.interval) is Verdict.CANNOT_TELL:
        return f"label more rows for the test part, then evaluate again; a {METRICS[name].rows} is what counts"
    return _REMEDIES.get(name, "improve the features, the data or the search; or change the bar, and say why")


def _unmeasured(name: str, limit: Limit, subject: str) -> Finding:
    metric = METRICS[name]
    return Finding(
        check=f"performance.{name}",
        subject=subject,
        verdict=Verdict.CANNOT_TELL,
        summary=f"{metric.noun} has no value on these rows (no {metric.rows}, or one class only); asked for {limit}",
        unit=metric.unit,
        limit=limit,
        severity=Severity.BLOCKER,
        remedy="test on rows of both classes, on which the model gives both answers",
    )
