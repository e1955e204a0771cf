import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.classification import confusion, f1, f_beta_of
from roadworthy.measures.comparison import (
    fisher_more,
    mcnemar,
    paired_cells,
    paired_cost_difference,
    paired_difference,
)


@given(st.integers(0, 1500), st.integers(0, 1500))
@settings(derandomize=True, max_examples=150, deadline=None)
def test_mcnemar_is_the_exact_binomial_test(one, two):
    expected = stats.binomtest(one, one + two).pvalue if one + two else 1.0
    assert mcnemar(one, two) == pytest.approx(expected, rel=1e-7, abs=1e-12)


@given(st.integers(1, 300), st.integers(1, 300), st.data())
@settings(derandomize=True, max_examples=150, deadline=None)
def test_fisher_agrees_with_scipy(n, m, data):
    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    expected = stats.fisher_exact([[a, n - a], [b, m - b]], alternative="greater").pvalue
    assert fisher_more(a, n, b, m) == pytest.approx(expected, rel=1e-7, abs=1e-9)


def _two_models(rng, rows, *, better):
    truth = (rng.random(rows) < 0.3).astype(int)
    first = np.where(rng.random(rows) < 0.10, 1 - truth, truth)
    second = np.where(rng.random(rows) < 0.10 + better, 1 - truth, truth)
    return truth, first, second


def test_difference_of_f1_is_the_difference_of_the_two_f1():
    truth, first, second = _two_models(np.random.default_rng(1), 400, better=0.05)
    cells = paired_cells(truth, first, second)
    assert cells.sum() == 400
    value, found = paired_difference(cells, f_beta_of)
    assert value == pytest.approx(f1(confusion(truth, first)) - f1(confusion(truth, second)))
    assert found.low < value < found.high


@pytest.mark.parametrize(("rows", "better"), [(60, 0.0), (60, 0.05), (500, 0.02)])
def test_difference_of_costs_holds_the_truth_as_often_as_it_says(rows, better):
    """True saving: the second errs with 0.10 + better on each class; 30 % are positive, costs 10 and 1."""
    true = better * (0.7 * 10 + 0.3 * 1)
    rng, held, repeats = np.random.default_rng(3), 0, 400
    for _ in range(repeats):
        cells = paired_cells(*_two_models(rng, rows, better=better))
        _, found = paired_cost_difference(cells, false_positive=10, false_negative=1)
        held += found.low <= true <= found.high
    assert held / repeats > 0.93


def test_models_that_never_disagreed_are_not_proved_equal():
    truth = [0, 1] * 20
    value, found = paired_cost_difference(paired_cells(truth, truth, truth), false_positive=1, false_negative=1)
    assert value == 0
    assert found.low < -0.05
    assert found.high > 0.05


def test_what_is_not_defined_is_refused():
    with pytest.raises(MeasureError, match="negative"):
        mcnemar(-1, 2)
    with pytest.raises(MeasureError, match="more than trials"):
        fisher_more(3, 2, 0, 1)
    with pytest.raises(MeasureError, match="different length"):
        paired_cells([0, 1], [0], [1])
    with pytest.raises(MeasureError, match="no rows"):
        paired_cost_difference(np.zeros((2, 2, 2), dtype=np.int64), false_positive=1, false_negative=1)
    with pytest.raises(MeasureError, match="cost is negative"):
        paired_cost_difference(paired_cells([0], [0], [0]), false_positive=-1, false_negative=1)
