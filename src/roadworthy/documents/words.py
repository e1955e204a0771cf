"""Numbers and names in the words of the reader."""

import math
from datetime import datetime

from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Interval, Limit, Verdict

SHARES = frozenset(
    {
        "accuracy",
        "balanced_accuracy",
        "calibration_gap",
        "demographic_parity_gap",
        "equal_opportunity_gap",
        "equalized_odds_gap",
        "error_rate",
        "errors",
        "f1",
        "false_negative_rate",
        "false_positive_rate",
        "false_positive_rate_gap",
        "precision",
        "recall",
        "selection_rate",
        "specificity",
        "true_positive_rate",
    }
)
"""Measures that are shares, and are shown in percent."""

_NAMES = {
    "accuracy": "Accuracy",
    "auc": "Area under the ROC curve",
    "average_precision": "Average precision",
    "balanced_accuracy": "Balanced accuracy",
    "brier": "Brier score",
    "calibration_gap": "Gap in calibration",
    "cost": "Cost per decision",
    "demographic_parity_gap": "Gap in selection rate",
    "demographic_parity_ratio": "Ratio of selection rates",
    "ece": "Calibration error",
    "equal_opportunity_gap": "Gap in recall",
    "equalized_odds_gap": "Gap in error rates (equalised odds)",
    "error_rate": "Error rate",
    "f1": "F1",
    "false_negative_rate": "False-negative rate",
    "false_positive_rate": "False-positive rate",
    "false_positive_rate_gap": "Gap in false-positive rate",
    "log_loss": "Log loss",
    "mcc": "Matthews correlation",
    "mean_ms": "Mean answer time",
    "memory_mb": "Memory of the server",
    "one_minus_auc_percent": "1 - AUC, in percent",
    "p99_ms": "Time within which 99 % are answered",
    "precision": "Precision",
    "recall": "Recall",
    "selection_rate": "Selection rate",
    "specificity": "Specificity",
}
_MEANINGS = {
    "accuracy": "share of all decisions that are right",
    "auc": "chance that a positive ranks above a negative",
    "average_precision": "precision, averaged over all recalls",
    "balanced_accuracy": "mean of the recalls of both classes",
    "brier": "mean squared error of the probability",
    "cost": "declared costs of the errors made, per row",
    "ece": "mean distance of probability and share",
    "error_rate": "share of all decisions that are wrong",
    "f1": "harmonic mean of precision and recall",
    "false_negative_rate": "positives that were missed",
    "false_positive_rate": "negatives called positive",
    "log_loss": "surprise at the truth, in nats",
    "mcc": "correlation of decision and truth",
    "precision": "called positive, and rightly so",
    "recall": "positives that were found",
    "specificity": "negatives left alone",
}


def title(name: str) -> str:
    """The name of a measure or check as a reader says it.

    >>> title("false_positive_rate"), title("better_than.live")
    ('False-positive rate', 'Better than live')
    """
    return _NAMES.get(name) or capital(name.replace("_", " ").replace(".", " "))


def capital(words: str) -> str:
    """Words with a capital first letter, the rest as it was.

    >>> capital("false-positive rate of AUC")
    'False-positive rate of AUC'
    """
    return words[:1].upper() + words[1:]


def meaning(name: str) -> str:
    """What a measure is, in half a sentence; empty where the name says it."""
    return _MEANINGS.get(name, "")


def number(value: float | None, unit: str = "") -> str:
    """A number with the digits that mean something, and its unit; shares in percent.

    >>> number(0.98712, "share"), number(0.0024, "share"), number(1.0, "share"), number(1234567, "rows")
    ('98.7 %', '0.24 %', '100 %', '1,234,567 rows')
    >>> number(0.99951), number(12.345, "ms"), number(0.8, "ratio"), number(None)
    ('0.9995', '12.3 ms', '0.8', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if unit in ("share", "%"):
        return _percent(value if unit == "share" else value / 100)
    return f"{_plain(value)} {'' if unit == 'ratio' else unit}".strip()


def bare(value: float | None, unit: str = "") -> str:
    """A number for a tick of a scale: percent stays, other units are said elsewhere.

    >>> bare(0.5, "share"), bare(12.0, "ms")
    ('50 %', '12')
    """
    return number(value, unit if unit in ("share", "%") else "")


def between(interval: Interval | None, unit: str = "") -> str:
    """An interval as two numbers; empty if there is none.

    >>> between(Interval(0.941, 0.982), "share"), between(Interval(3.0, 4.5), "ms")
    ('94.1 % – 98.2 %', '3 – 4.5 ms')
    """
    return f"{bare(interval.low, unit)} – {number(interval.high, unit)}" if interval else ""


def about(count: int) -> str:
    """A large estimate without the digits that nobody believes.

    >>> about(492), about(2508447)
    ('about 500', 'about 2,600,000')
    """
    size = 10 ** max(len(str(count)) - 2, 0)
    return f"about {math.ceil(count / size) * size:,}"


def limit_words(limit: Limit | None, unit: str = "") -> str:
    """A limit as people write it.

    >>> limit_words(Limit(">=", 0.99), "share")
    '≥ 99 %'
    """
    if limit is None:
        return ""
    sign = {"<=": "≤", ">=": "≥", "==": "="}.get(limit.op, limit.op)
    return f"{sign} {number(limit.bound, unit)}" + (" (estimate alone)" if limit.at == "point" else "")


def verdict_class(verdict: Verdict) -> str:
    """The style class of a verdict: pass, fail or doubt."""
    return "doubt" if verdict is Verdict.CANNOT_TELL else str(verdict)


def finding_class(finding: Finding) -> str:
    """The style class of a finding in a list: a warning that fails is not painted like a blocker."""
    if finding.verdict is Verdict.PASS or finding.blocks:
        return verdict_class(finding.verdict)
    return "noted"


def day(iso: str) -> str:
    """An ISO time as a day for people; what is no time stays as it is.

    >>> day("2026-05-04T12:00:00+00:00")
    '4 May 2026'
    """
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{when.day} {when:%B %Y}"


def _percent(share: float) -> str:
    """Two digits of whichever is smaller, the share or what it lacks to 100 %."""
    small = min(abs(share), abs(1 - share)) * 100
    digits = 0 if small < 1e-9 else max(1 if small >= 1 else 2, min(4, 1 - math.floor(math.log10(small))))
    text = f"{share * 100:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def _plain(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4f}".rstrip("0") if 0.9 < value < 0.99995 else f"{value:.3g}"
