"""What the search maximises."""

import numpy as np
import pytest

from roadworthy.declare.problem import Costs
from roadworthy.training.objective import cost_weights, skill


def some(seed: int = 0, rows: int = 600) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = (rng.random(rows) < 0.3).astype(np.int8)
    return truth, rng.normal(size=rows) + 2.0 * truth


def test_a_stretched_or_shifted_score_is_worth_the_same() -> None:
    truth, scores = some()
    costs = Costs(false_positive=10.0, false_negative=1.0)
    assert skill(truth, 5 * scores - 3, costs) == pytest.approx(skill(truth, scores, costs), abs=1e-3)


def test_noise_is_worth_nothing_and_better_scores_are_worth_more() -> None:
    truth, scores = some()
    noise = np.random.default_rng(1).normal(size=len(truth))
    values = [skill(truth, share * scores + (1 - share) * noise, Costs()) for share in (0.0, 0.5, 1.0)]
    assert values[0] < 0.02 < values[1] < values[2] < 1


def test_a_mistake_on_the_costly_side_weighs_more() -> None:
    truth = np.repeat(np.int8([0, 1]), 50)
    scores = np.where(truth == 1, 3.0, -3.0) + np.tile(np.linspace(-1, 1, 10), 10)
    bad_ham, bad_spam = scores.copy(), scores.copy()
    bad_ham[0], bad_spam[-1] = 3.0, -3.0
    dear = Costs(false_positive=10.0, false_negative=1.0)
    assert skill(truth, bad_ham, dear) < skill(truth, bad_spam, dear)


def test_weights_are_one_on_average_and_never_nothing() -> None:
    weights = cost_weights(np.int8([0, 0, 1]), Costs(false_positive=1.0, false_negative=0.0))
    assert weights.mean() == pytest.approx(1.0)
    assert weights.min() > 0
