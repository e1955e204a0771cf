"""A blend is taken where it is better, and not where it only looks richer."""

import numpy as np
import pytest

from roadworthy.declare.problem import Costs
from roadworthy.training.choosing import choice_finding, choose_blend


def drawn(noise: float, *, rows: int = 2000) -> tuple[dict[str, np.ndarray], np.ndarray]:
    rng = np.random.default_rng(2)
    truth = (rng.random(rows) < 0.4).astype(np.int8)
    signal = 2.0 * truth
    return {"a": signal + rng.normal(size=rows), "b": signal + noise * rng.normal(size=rows)}, truth


def test_two_views_with_their_own_errors_are_blended() -> None:
    scores, truth = drawn(1.0)
    blend = choose_blend(scores, truth, fold=np.arange(len(truth)) % 5, costs=Costs())
    assert blend.families == ("a", "b")
    assert blend.weights[0] == pytest.approx(blend.weights[1], rel=0.3)
    summed = blend.weights[0] * scores["a"] + blend.weights[1] * scores["b"] + blend.intercept
    assert blend.scores == pytest.approx(summed)
    assert min(blend.losses, key=blend.losses.__getitem__) == "a + b"
    assert "a + b" in choice_finding(blend).summary


def test_a_useless_view_is_left_out() -> None:
    scores, truth = drawn(30.0)
    blend = choose_blend(scores, truth, fold=np.arange(len(truth)) % 5, costs=Costs())
    assert blend.families == ("a",)
    assert blend.scores is scores["a"]
