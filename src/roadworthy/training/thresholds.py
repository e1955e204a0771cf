"""Where to draw the line: from the declared costs, within the declared bars, on out-of-fold probabilities."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.declare.problem import Costs
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Limit, Verdict
from roadworthy.measures.intervals import wilson

SHARES: dict[str, tuple[str, str]] = {
    "precision": ("tp", "tp fp"),
    "recall": ("tp", "tp fn"),
    "false_positive_rate": ("fp", "fp tn"),
    "false_negative_rate": ("fn", "tp fn"),
    "specificity": ("tn", "fp tn"),
    "accuracy": ("tp tn", "tp tn fp fn"),
    "error_rate": ("fp fn", "tp tn fp fn"),
}
"""Bars that a threshold can move: hits and trials, as sums of cells of the confusion table."""


class Line(Struct, frozen=True, kw_only=True):
    """The threshold, and why it is there."""

    threshold: float
    finding: Finding


class _Cut(Struct, frozen=True, kw_only=True):
    """One possible threshold on the out-of-fold rows."""

    threshold: float
    cost: float
    cells: dict[str, int]


def choose_threshold(
    truth: NDArray[np.int8], probability: NDArray[np.float64], *, costs: Costs, metrics: Mapping[str, Limit]
) -> Line:
    """The threshold of least expected cost among those that meet the declared bars on out-of-fold rows.

    With calibrated probabilities the expected cost is least at Elkan's threshold (2001, IJCAI), which is taken as it
    is unless a bar forbids it. Bars are met with the bad end of their 95 % interval where any threshold can, else at
    the point estimate; where none can, costs alone decide, and the gate will say that the bars do not hold.
    """
    bars = {name: limit for name, limit in metrics.items() if name in SHARES}
    plain = _cut(truth, probability, costs.threshold, costs)
    if not bars or _rigour(plain, bars) == 2:
        return _line(plain, bars, "it is where both mistakes cost the same", truth=truth)
    cuts = [plain, *_cuts(truth, probability, costs)]
    rigours = [_rigour(cut, bars) for cut in cuts]
    best = max(rigours)
    if best == 0:
        return _line(plain, bars, "no threshold meets the declared bars, so costs alone decide", truth=truth)
    chosen = min((cut for cut, rigour in zip(cuts, rigours, strict=True) if rigour == best), key=lambda cut: cut.cost)
    words = "with its interval" if best == 2 else "at the point estimate, though not with its interval"
    return _line(chosen, bars, f"it costs least among those that meet every declared bar {words}", truth=truth)


def _cuts(truth: NDArray[np.int8], probability: NDArray[np.float64], costs: Costs) -> list[_Cut]:
    """A cut midway between every two neighbouring probabilities."""
    values = np.unique(probability)
    middles = (values[1:] + values[:-1]) / 2
    return [_cut(truth, probability, float(value), costs) for value in _thinned(middles)]


def _thinned(values: NDArray[np.float64], most: int = 4000) -> NDArray[np.float64]:
    """At most `most` of the values, spread by rank: what lies between two of them differs by few rows."""
    return values if len(values) <= most else values[np.linspace(0, len(values) - 1, most).astype(int)]


def _cut(truth: NDArray[np.int8], probability: NDArray[np.float64], threshold: float, costs: Costs) -> _Cut:
    says = probability >= threshold
    hits, flagged, positives = int((says & (truth == 1)).sum()), int(says.sum()), int(truth.sum())
    cells = {"tp": hits, "fp": flagged - hits, "fn": positives - hits}
    cells["tn"] = len(truth) - sum(cells.values())
    expected = np.where(says, costs.false_positive * (1 - probability), costs.false_negative * probability)
    return _Cut(threshold=threshold, cost=float(expected.mean()), cells=cells)


def _share(cut: _Cut, name: str) -> tuple[int, int]:
    hits, trials = SHARES[name]
    return sum(cut.cells[cell] for cell in hits.split()), sum(cut.cells[cell] for cell in trials.split())


def _rigour(cut: _Cut, bars: Mapping[str, Limit]) -> int:
    """2 if every bar holds as the gate will judge it, 1 if at the point estimate, else 0."""
    least = 2
    for name, limit in bars.items():
        hits, trials = _share(cut, name)
        if not trials or not limit.holds(hits / trials):
            return 0
        if limit.judge(hits / trials, wilson(hits, trials)) is not Verdict.PASS:
            least = 1
    return least


def _line(cut: _Cut, bars: Mapping[str, Limit], why: str, *, truth: NDArray[np.int8]) -> Line:
    shares = {name: _share(cut, name) for name in SHARES}
    known = {name: hits / trials for name, (hits, trials) in shares.items() if trials}
    met = all(name in known and limit.holds(known[name]) for name, limit in bars.items())
    finding = Finding(
        check="performance.threshold",
        subject="training",
        verdict=Verdict.PASS if met else Verdict.FAIL,
        severity=Severity.NOTE,
        measured=cut.threshold,
        unit="probability",
        summary=f"the model says positive from a probability of {cut.threshold:.3f} on: {why}",
        evidence={
            "out_of_fold_rows": len(truth),
            "out_of_fold": cut.cells | {name: round(value, 5) for name, value in known.items()},
            "expected_cost": cut.cost,
            "bars": {name: str(limit) for name, limit in bars.items()},
        },
        remedy="" if met else "more data, better features, or a bar that this problem allows",
    )
    return Line(threshold=cut.threshold, finding=finding)
