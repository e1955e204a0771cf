"""Calibrators recover what made the data, and the simplest that serves is taken."""

import numpy as np
import pytest

from roadworthy.bundle.calibrator import Platt, sigmoid
from roadworthy.training.calibration import SHAPES, choose_calibration, fit_platt


def drawn(curve: object, seed: int = 0, rows: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = rng.normal(scale=2.0, size=rows)
    return scores, (rng.random(rows) < curve(scores)).astype(np.int8)  # type: ignore[operator]


def test_platt_recovers_the_curve_that_drew_the_labels() -> None:
    scores, truth = drawn(Platt(slope=1.5, intercept=-1.0))
    found = fit_platt(scores, truth)
    assert (found.slope, found.intercept) == pytest.approx((1.5, -1.0), abs=0.15)


def test_platt_is_kept_where_it_is_right() -> None:
    kept = 0
    for seed in range(5):
        scores, truth = drawn(Platt(slope=1.5, intercept=-1.0), seed, rows=1500)
        kept += choose_calibration(scores, truth, np.arange(1500) % 5).shape == "platt"
    assert kept >= 4


def test_another_shape_is_taken_where_platt_is_wrong() -> None:
    scores, truth = drawn(lambda s: np.where(s < -1, 0.02, np.where(s < 1, 0.5, 0.98)))
    chosen = choose_calibration(scores, truth, np.arange(len(truth)) % 5)
    assert chosen.shape == "isotonic"
    assert chosen.losses["isotonic"] < chosen.losses["platt"]


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_is_ever_quite_sure(shape: str) -> None:
    scores = np.concatenate([np.full(40, -9.0), np.full(40, 9.0)])
    chance = SHAPES[shape](scores, np.repeat(np.int8([0, 1]), 40))(scores)
    assert chance.min() > 0
    assert chance.max() < 1


def test_useless_scores_give_the_base_rate() -> None:
    rng = np.random.default_rng(5)
    truth = (rng.random(300) < 0.2).astype(np.int8)
    chance = fit_platt(-truth + rng.normal(size=300), truth)(np.array([-3.0, 3.0]))
    assert chance == pytest.approx(truth.mean(), abs=0.01)
    assert sigmoid(np.array([-800.0]))[0] == 0.0
