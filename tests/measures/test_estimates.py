import numpy as np
import pytest

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.classification import Confusion, balanced_accuracy, expected_cost, f1, mcc
from roadworthy.measures.estimates import (
    balanced_accuracy_interval,
    expected_cost_interval,
    f1_interval,
    mcc_interval,
)

COSTS = {"false_positive": 10.0, "false_negative": 1.0}
MEASURES = {
    "f1": (f1, f1_interval),
    "balanced_accuracy": (balanced_accuracy, balanced_accuracy_interval),
    "cost": (lambda c: expected_cost(c, **COSTS), lambda c: expected_cost_interval(c, **COSTS)),
    "mcc": (mcc, lambda c: mcc_interval(c, draws=400)),
}


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize(("rows", "rare"), [(60, 0.02), (60, 0.1), (400, 0.01), (400, 0.05)])
def test_intervals_hold_the_truth_as_often_as_they_say(name, rows, rare):
    value, interval = MEASURES[name]
    shares = np.array([0.3, rare, rare, 0.7 - 2 * rare])
    true = value(Confusion(*(shares * 1_000_000).round().astype(int).tolist()))
    rng, held, repeats = np.random.default_rng(11), 0, 300
    for _ in range(repeats):
        found = interval(Confusion(*rng.multinomial(rows, shares).tolist()))
        held += found.low <= true <= found.high
    assert held / repeats > 0.92


@pytest.mark.parametrize("name", MEASURES)
def test_ten_clean_rows_do_not_prove_perfection(name):
    value, interval = MEASURES[name]
    clean = Confusion(tp=5, fp=0, fn=0, tn=5)
    found = interval(clean)
    assert found.low <= value(clean) <= found.high
    assert found.high - found.low > 0.15


def test_ten_rows_all_wrong_do_not_prove_the_opposite():
    found = mcc_interval(Confusion(tp=0, fp=5, fn=5, tn=0))
    assert found.low == -1
    assert found.high > -0.9


def test_lesson_of_f1():
    """F1 is 2j / (1 + j) of the share j = 18 of 32, whose Wilson interval is 0.3932 to 0.7183."""
    found = f1_interval(Confusion(tp=18, fp=2, fn=12, tn=68))
    assert found.low == pytest.approx(2 * 0.3932 / 1.3932, abs=1e-4)
    assert found.high == pytest.approx(2 * 0.7183 / 1.7183, abs=1e-4)


def test_what_is_not_defined_is_refused():
    with pytest.raises(MeasureError, match="F score"):
        f1_interval(Confusion(tp=0, fp=0, fn=0, tn=3))
    with pytest.raises(MeasureError, match="one class is missing"):
        mcc_interval(Confusion(tp=3, fp=0, fn=0, tn=0))
    with pytest.raises(MeasureError, match="no rows"):
        expected_cost_interval(Confusion(tp=0, fp=0, fn=0, tn=0), **COSTS)
