"""What a reader of the figures must be told beside them: imbalance, calibration, and what could not be measured."""

from collections.abc import Mapping

from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Limit, Verdict
from roadworthy.kernel.records import Measured, Scored
from roadworthy.measures.classification import confusion, share
from roadworthy.measures.intervals import rows_to_decide, rows_to_narrow
from roadworthy.measures.judging import Subject, in_words, sentence
from roadworthy.measures.probability import calibration_test

TEST_PART = "test part"
IMBALANCED = 0.8
CALIBRATED = Limit("<=", 0.05)


def imbalance(scored: Scored, metrics: Mapping[str, Measured], *, positive: str) -> list[Finding]:
    """A warning where one class is so common that accuracy misleads; nothing where it is not.

    The verdict says whether the model is more often right than the constant answer.
    """
    counted = confusion(scored.truth, scored.decision)
    common = max(counted.positives, counted.negatives) / counted.rows
    if common < IMBALANCED:
        return []
    answer = f'"{positive}"' if counted.positives > counted.negatives else f'"not {positive}"'
    measured, limit = metrics["accuracy"], Limit(">", common)
    verdict = limit.judge(measured.value, measured.interval)
    beside = ", ".join(
        f"{name.replace('_', ' ')} {in_words(metrics[name].value, 'share')}"
        for name in ("balanced_accuracy", "precision", "recall")
        if name in metrics
    )
    return [
        Finding(
            check="performance.imbalance",
            subject="accuracy",
            verdict=verdict,
            summary=(
                f"accuracy misleads here: always answering {answer} is right on {in_words(common, 'share')} of the "
                f"rows, the model on {in_words(measured.value, 'share')}; read instead {beside or 'each kind of error'}"
            ),
            measured=measured.value,
            unit="share",
            interval=measured.interval,
            limit=limit,
            severity=Severity.WARNING,
            evidence={"positives": counted.positives, "negatives": counted.negatives},
            remedy="declare bars on precision, recall or the false-positive rate rather than on accuracy",
            more_rows=rows_to_decide(*share("accuracy", counted), limit) if verdict is Verdict.CANNOT_TELL else None,
        )
    ]


def calibration(scored: Scored, metrics: Mapping[str, Measured]) -> list[Finding]:
    """Whether a probability means what it says: the calibration error with its interval, against 5 %."""
    measured = metrics["ece"]
    mean, seen = float(scored.probability.mean()), float(scored.truth.mean())
    verdict = CALIBRATED.judge(measured.value, measured.interval)
    more = None
    if verdict is Verdict.CANNOT_TELL and measured.interval is not None:
        more = rows_to_narrow(measured.value, measured.interval, CALIBRATED, rows=measured.rows)
    words = sentence(
        Subject("expected calibration error"),
        measured.value,
        measured.interval,
        CALIBRATED,
        counted=f"mean probability {in_words(mean, 'share')}, positive {in_words(seen, 'share')}",
        more=more,
    )
    return [
        Finding(
            check="performance.calibration",
            subject=TEST_PART,
            verdict=verdict,
            summary=words,
            measured=measured.value,
            unit="share",
            interval=measured.interval,
            limit=CALIBRATED,
            severity=Severity.WARNING,
            evidence={"mean_probability": mean, "share_positive": seen, "spiegelhalter_p": _chance(scored)},
            remedy=""
            if verdict is Verdict.PASS
            else "calibrate on fresh rows: the threshold breaks before the ranking does",
            more_rows=more,
        )
    ]


def undefined(reasons: Mapping[str, str]) -> list[Finding]:
    """One finding for each reason why metrics have no value on these rows."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        by_reason.setdefault(reason, []).append(name)
    return [
        Finding(
            check="performance.undefined",
            subject=", ".join(names),
            verdict=Verdict.CANNOT_TELL,
            summary=f"{', '.join(names)}: {reason}",
            severity=Severity.WARNING,
            evidence={"metrics": names},
            remedy="test on rows of both classes, on which the model gives both answers",
        )
        for reason, names in by_reason.items()
    ]


def _chance(scored: Scored) -> float | None:
    try:
        return calibration_test(scored.truth, scored.probability)
    except MeasureError:
        return None
