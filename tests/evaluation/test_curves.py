import numpy as np
import pytest

from roadworthy.declare.problem import Costs
from roadworthy.evaluation.curves import MOST_POINTS, cost_points, curves, thinned
from roadworthy.measures.ranking import auc

COSTS = Costs(false_positive=10.0, false_negative=1.0)


def test_curves_are_short_and_keep_their_ends_and_their_area(draw):
    scored = draw(5000)
    found = curves(scored, costs=COSTS)
    assert set(found) == {"roc", "precision_recall", "calibration", "cost"}
    assert all(len(points) <= MOST_POINTS for points in found.values())
    roc = np.array(found["roc"])
    assert roc[0, :2].tolist() == [0, 0]
    assert roc[-1, :2].tolist() == [1, 1]
    area = np.sum(np.diff(roc[:, 0]) * (roc[1:, 1] + roc[:-1, 1]) / 2)
    assert area == pytest.approx(auc(scored.truth, scored.probability), abs=0.002)
    assert found["precision_recall"][-1][0] == 1


def test_the_cost_curve_holds_the_threshold_in_use_and_the_cheapest(draw):
    scored = draw(2000, threshold=0.7713)
    points = dict(map(tuple, cost_points(scored, costs=COSTS)))
    said = scored.probability >= 0.7713
    wrong = np.sum(said & (scored.truth == 0)) * 10 + np.sum(~said & (scored.truth == 1))
    assert points[0.7713] == pytest.approx(wrong / 2000)
    every = [
        (
            np.sum((scored.probability >= at) & (scored.truth == 0)) * 10
            + np.sum((scored.probability < at) & (scored.truth == 1))
        )
        for at in np.append(np.unique(scored.probability), 2.0)
    ]
    assert min(points.values()) == pytest.approx(min(every) / 2000)


def test_few_points_are_kept_as_they_are():
    assert thinned(np.array([[0.0, 0.0, 1.0], [1.0, 1.0, 0.5]])) == [[0.0, 0.0, 1.0], [1.0, 1.0, 0.5]]
