"""What the search maximises.

Ranking and accuracy are saturated on easy corpora, and what hurts there is a confident mistake on the costly side. So a
configuration is judged by its log loss, each row weighted by the declared cost of getting it wrong. The log loss is a
proper score: no configuration gains by being over-confident. Calibration is repaired later for whatever wins, so each
configuration is first given its best logistic calibration; what is left is what a calibration cannot repair.
"""

import numpy as np
from numpy.typing import NDArray

from roadworthy.declare.problem import Costs
from roadworthy.training.logit import fit_logit, weighted_log_loss


def cost_weights(truth: NDArray[np.int8], costs: Costs) -> NDArray[np.float64]:
    """Weight of each row: the cost of getting it wrong, on average 1. A cost of 0 still weighs a little.

    >>> cost_weights(np.int8([0, 1]), Costs(false_positive=3.0, false_negative=1.0)).tolist()
    [1.5, 0.5]
    """
    floor = 0.01 * max(costs.false_positive, costs.false_negative)
    weights = np.where(truth == 1, max(costs.false_negative, floor), max(costs.false_positive, floor))
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def skill(truth: NDArray[np.int8], scores: NDArray[np.float64], costs: Costs) -> float:
    """Share of the cost-weighted log loss of knowing only the base rate that the scores take away.

    Returns:
        At most 1 (perfect); 0 is no better than the base rate.

    >>> skill(np.int8([0, 0, 1, 1]), np.array([1.0, 1.0, 1.0, 1.0]), Costs())
    0.0
    >>> skill(np.int8([0, 0, 1, 1]), np.array([-2.0, -1.0, 1.0, 2.0]), Costs()) > 0.8
    True
    """
    weights, target = cost_weights(truth, costs), truth.astype(np.float64)
    columns = scores[:, None]
    slope, intercept = fit_logit(columns, target, weights=weights)
    base = np.average(target, weights=weights)
    known = weighted_log_loss(np.full(len(truth), np.log(base / (1 - base))), target, weights)
    return float(max(0.0, 1.0 - weighted_log_loss(slope * scores + intercept, target, weights) / known))
