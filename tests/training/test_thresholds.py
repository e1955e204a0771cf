"""Thresholds against a search by brute force."""

import numpy as np
import pytest

from roadworthy.declare.problem import Costs
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.limits import Verdict, parse_limit
from roadworthy.measures.intervals import wilson
from roadworthy.training.thresholds import choose_threshold

DEAR = Costs(false_positive=10.0, false_negative=1.0)


def drawn(seed: int = 0, rows: int = 3000, sharp: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Perfectly calibrated probabilities and labels drawn from them."""
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-sharp * rng.normal(size=rows)))
    return (rng.random(rows) < chance).astype(np.int8), chance


def rate(truth: np.ndarray, chance: np.ndarray, threshold: float) -> tuple[int, int]:
    return int(((chance >= threshold) & (truth == 0)).sum()), int((truth == 0).sum())


def test_without_bars_it_is_where_costs_balance() -> None:
    line = choose_threshold(*drawn(), costs=DEAR, metrics={})
    assert line.threshold == pytest.approx(10 / 11)
    assert line.finding.verdict is Verdict.PASS
    assert line.finding.severity is Severity.NOTE


def test_a_bar_that_holds_anyway_moves_nothing() -> None:
    line = choose_threshold(*drawn(), costs=DEAR, metrics={"false_positive_rate": parse_limit("<= 0.1")})
    assert line.threshold == pytest.approx(10 / 11)


def test_a_bar_is_met_with_its_interval_at_least_cost() -> None:
    truth, chance = drawn()
    bar = parse_limit("<= 0.01")
    line = choose_threshold(truth, chance, costs=Costs(), metrics={"false_positive_rate": bar})
    assert wilson(*rate(truth, chance, line.threshold)).high <= 0.01
    # Brute force: a lower threshold (nearer to one half, so cheaper) breaks the bar.
    below = np.unique(chance[chance < line.threshold])[-3:]
    assert wilson(*rate(truth, chance, float(below[0]))).high > 0.01


def test_a_point_bar_is_less_strict_than_its_interval() -> None:
    truth, chance = drawn()
    strict = choose_threshold(truth, chance, costs=Costs(), metrics={"precision": parse_limit(">= 0.97")})
    point = choose_threshold(truth, chance, costs=Costs(), metrics={"precision": parse_limit(">= 0.97", at="point")})
    assert 0.5 < point.threshold < strict.threshold


def test_where_only_the_point_can_hold_it_says_so() -> None:
    truth, chance = drawn(rows=200)
    line = choose_threshold(truth, chance, costs=DEAR, metrics={"false_positive_rate": parse_limit("<= 0.001")})
    assert "though not with its interval" in line.finding.summary
    assert rate(truth, chance, line.threshold)[0] == 0


def test_where_nothing_can_hold_costs_decide_and_it_says_so() -> None:
    bars = {"precision": parse_limit(">= 0.99"), "recall": parse_limit(">= 0.99")}
    line = choose_threshold(*drawn(), costs=DEAR, metrics=bars)
    assert line.threshold == pytest.approx(10 / 11)
    assert line.finding.verdict is Verdict.FAIL
    assert not line.finding.blocks
    assert "costs alone decide" in line.finding.summary


def test_bars_that_no_threshold_moves_are_left_to_the_gate() -> None:
    line = choose_threshold(*drawn(), costs=DEAR, metrics={"auc": parse_limit(">= 0.9999")})
    assert line.threshold == pytest.approx(10 / 11)
    assert line.finding.verdict is Verdict.PASS
