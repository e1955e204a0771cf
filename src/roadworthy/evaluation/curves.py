"""The pictures of a report as points: at most 200 a curve, all finite, so that they travel as JSON."""

import numpy as np
from numpy.typing import NDArray

from roadworthy.declare.problem import Costs
from roadworthy.kernel.errors import MeasureError
from roadworthy.kernel.records import Scored
from roadworthy.measures.probability import reliability
from roadworthy.measures.ranking import confusion_by_threshold, precision_recall_points, roc_points

MOST_POINTS = 200
_ABOVE_ALL = float(np.nextafter(1.0, 2.0))  # a threshold that no probability reaches, and JSON can write


def curves(scored: Scored, *, costs: Costs) -> dict[str, list[list[float]]]:
    """ROC, precision-recall, calibration and cost curve; the first two are left out where a class is missing."""
    found: dict[str, list[list[float]]] = {}
    try:
        roc = roc_points(scored.truth, scored.probability)
        roc[:, 2] = np.minimum(roc[:, 2], _ABOVE_ALL)
        found["roc"] = thinned(roc)
        found["precision_recall"] = thinned(precision_recall_points(scored.truth, scored.probability))
    except MeasureError:
        pass
    found["calibration"] = [
        [each.probability, each.share, each.interval.low, each.interval.high, float(each.rows)]
        for each in reliability(scored.truth, scored.probability)
    ]
    found["cost"] = cost_points(scored, costs=costs)
    return found


def cost_points(scored: Scored, *, costs: Costs) -> list[list[float]]:
    """Mean cost of a row at thresholds from 0 to 1; the cheapest one and the one in use are among them.

    What is cheapest here was chosen on these very rows, so it is a picture and no promise.
    """
    every = np.unique(np.append(scored.probability, _ABOVE_ALL))
    cheapest = every[int(np.argmin(_costs(scored, every, costs)))]
    grid = np.linspace(0.0, 1.0, MOST_POINTS - 2)
    places = np.unique(np.concatenate([grid, [min(cheapest, _ABOVE_ALL), min(max(scored.threshold, 0.0), _ABOVE_ALL)]]))
    return [list(pair) for pair in zip(places.tolist(), _costs(scored, places, costs).tolist(), strict=True)]


def thinned(points: NDArray[np.float64], *, most: int = MOST_POINTS) -> list[list[float]]:
    """At most `most` points, spread evenly along the way that the curve goes in its first two columns; ends are kept.

    >>> thinned(np.column_stack([np.linspace(0, 1, 5), np.zeros(5)]), most=3)
    [[0.0, 0.0], [0.5, 0.0], [1.0, 0.0]]
    """
    if len(points) <= most:
        return [[float(number) for number in point] for point in points]
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(points[:, :2], axis=0)).sum(axis=1))])
    kept = np.searchsorted(way, np.linspace(0.0, way[-1], most)[:-1], side="left")
    kept = np.unique(np.append(kept, len(points) - 1))
    return [[float(number) for number in point] for point in points[kept]]


def _costs(scored: Scored, thresholds: NDArray[np.float64], costs: Costs) -> NDArray[np.float64]:
    cells = confusion_by_threshold(scored.truth, scored.probability, thresholds)
    total = cells[:, 1] * costs.false_positive + cells[:, 2] * costs.false_negative
    return np.asarray(total / len(scored.truth), dtype=np.float64)
