"""Every metric of a yes-or-no model as a number with its interval and the rows it rests on."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from msgspec import Struct

from roadworthy.declare.problem import Costs
from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.limits import Interval
from roadworthy.kernel.records import Measured, Scored
from roadworthy.measures.classification import (
    Confusion,
    balanced_accuracy,
    confusion,
    expected_cost,
    f1,
    mcc,
    share,
)
from roadworthy.measures.estimates import (
    balanced_accuracy_interval,
    expected_cost_interval,
    f1_interval,
    jaccard,
    mcc_interval,
)
from roadworthy.measures.intervals import wilson
from roadworthy.measures.probability import brier_losses, ece, ece_interval, log_losses, mean_interval
from roadworthy.measures.ranking import auc, auc_interval, average_precision, average_precision_interval


class Metric(Struct, frozen=True, kw_only=True):
    """What a metric is called in a sentence, and the rows that it is counted on.

    Attributes:
        noun: words for the metric; rows: what one of its rows is called, in the singular.
        unit: `share` (shown in percent), or words; higher: whether more is better.
    """

    noun: str
    rows: str = "row"
    unit: str = "share"
    higher: bool = False


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "error_rate": Metric(noun="error rate"),
        "accuracy": Metric(noun="accuracy", higher=True),
        "precision": Metric(noun="precision", rows="flagged row", higher=True),
        "recall": Metric(noun="recall", rows="positive row", higher=True),
        "f1": Metric(noun="F1", rows="positive or flagged row", higher=True),
        "specificity": Metric(noun="specificity", rows="negative row", higher=True),
        "false_positive_rate": Metric(noun="false-positive rate", rows="negative row"),
        "false_negative_rate": Metric(noun="false-negative rate", rows="positive row"),
        "auc": Metric(noun="AUC", unit="", higher=True),
        "one_minus_auc_percent": Metric(noun="1 - AUC", unit="%"),
        "average_precision": Metric(noun="average precision", rows="positive row", unit="", higher=True),
        "brier": Metric(noun="Brier score", unit=""),
        "log_loss": Metric(noun="log loss", unit="nats"),
        "ece": Metric(noun="expected calibration error"),
        "cost": Metric(noun="mean cost of a row", unit=""),
        "balanced_accuracy": Metric(noun="balanced accuracy", higher=True),
        "mcc": Metric(noun="Matthews correlation", unit="", higher=True),
    }
)
"""All metrics on which a bar may be set, in the order in which they are shown."""

SHARE_METRICS = (
    "error_rate",
    "accuracy",
    "precision",
    "recall",
    "specificity",
    "false_positive_rate",
    "false_negative_rate",
)
"""Metrics that are a share of rows, with Wilson's interval."""


class Measurements(Struct, frozen=True, kw_only=True):
    """All metrics of one model on one set of rows.

    Attributes:
        metrics: name to number, in the order of `METRICS`.
        undefined: name to the reason why it has no value on these rows.
    """

    metrics: dict[str, Measured]
    undefined: dict[str, str]


def measure(scored: Scored, *, costs: Costs) -> Measurements:
    """All metrics that are defined on these rows, and why the others are not.

    Raises:
        MeasureError: if there are no rows, or truth or decision hold anything but 0 and 1.
    """
    counted = confusion(scored.truth, scored.decision)
    makers: dict[str, Callable[[], Measured]] = {
        **{name: _share_maker(name, counted) for name in SHARE_METRICS},
        **_of_confusion(counted, costs),
        **_of_probability(scored),
    }
    metrics: dict[str, Measured] = {}
    undefined: dict[str, str] = {}
    for name in METRICS:
        try:
            metrics[name] = makers[name]()
        except MeasureError as err:
            undefined[name] = err.what
    return Measurements(metrics=metrics, undefined=undefined)


def _share_maker(name: str, counted: Confusion) -> Callable[[], Measured]:
    def make() -> Measured:
        hits, trials = share(name, counted)
        return Measured(hits / trials, wilson(hits, trials), trials, "share")

    return make


def _of_confusion(counted: Confusion, costs: Costs) -> dict[str, Callable[[], Measured]]:
    cost = {"false_positive": costs.false_positive, "false_negative": costs.false_negative}
    rows = counted.rows
    return {
        "f1": lambda: Measured(f1(counted), f1_interval(counted), jaccard(counted).trials, "share"),
        "balanced_accuracy": lambda: Measured(
            balanced_accuracy(counted), balanced_accuracy_interval(counted), rows, "share"
        ),
        "mcc": lambda: Measured(mcc(counted), mcc_interval(counted), rows),
        "cost": lambda: Measured(
            expected_cost(counted, **cost), expected_cost_interval(counted, **cost), rows, costs.unit
        ),
    }


def _of_probability(scored: Scored) -> dict[str, Callable[[], Measured]]:
    truth, said = scored.truth, scored.probability
    rows, positives = len(truth), int(scored.truth.sum())

    def one_minus_auc() -> Measured:
        interval = auc_interval(truth, said)
        turned = Interval(100 * (1 - interval.high), 100 * (1 - interval.low), interval.level)
        return Measured(100 * (1 - auc(truth, said)), turned, rows, "%")

    def brier_score() -> Measured:
        losses = brier_losses(truth, said)
        return Measured(float(losses.mean()), mean_interval(losses), rows)

    def loss() -> Measured:
        losses = log_losses(truth, said)
        return Measured(float(losses.mean()), mean_interval(losses), rows, "nats")

    return {
        "auc": lambda: Measured(auc(truth, said), auc_interval(truth, said), rows),
        "one_minus_auc_percent": one_minus_auc,
        "average_precision": lambda: Measured(
            average_precision(truth, said), average_precision_interval(truth, said), positives
        ),
        "brier": brier_score,
        "log_loss": loss,
        "ece": lambda: Measured(ece(truth, said), ece_interval(truth, said), rows, "share"),
    }
