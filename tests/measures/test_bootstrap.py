import numpy as np
import pytest

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.bootstrap import bootstrap_interval, posterior_interval
from roadworthy.measures.classification import f_beta_of, mcc_of

CELLS = [80, 15, 20, 285]


def test_redrawing_counts_is_redrawing_rows():
    """A bootstrap of the 400 rows themselves gives the same interval within the noise of drawing."""
    rows = np.repeat(np.arange(4), CELLS)
    rng = np.random.default_rng(1)
    redrawn = [np.bincount(rng.choice(rows, len(rows)), minlength=4) for _ in range(3000)]
    expected = np.quantile(f_beta_of(np.array(redrawn, dtype=float)), [0.025, 0.975])
    found = bootstrap_interval(CELLS, f_beta_of, draws=6000, seed=2)
    assert [found.low, found.high] == pytest.approx(expected, abs=0.006)


def test_the_same_seed_gives_the_same_interval():
    assert bootstrap_interval(CELLS, mcc_of, seed=4) == bootstrap_interval(CELLS, mcc_of, seed=4)
    assert bootstrap_interval(CELLS, mcc_of, seed=4) != bootstrap_interval(CELLS, mcc_of, seed=5)


def test_a_bootstrap_cannot_see_what_did_not_happen_and_the_posterior_can():
    assert bootstrap_interval([10, 0, 0, 10], mcc_of).low == 1.0
    careful = posterior_interval([10, 0, 0, 10], mcc_of)
    assert careful.low < 0.9
    assert careful.high == 1.0


def test_bootstrap_holds_the_truth_as_often_as_it_says_where_no_cell_is_rare():
    rng = np.random.default_rng(6)
    shares = np.array([0.3, 0.1, 0.15, 0.45])
    true = f_beta_of(shares * 1000)
    held = 0
    for seed in range(200):
        found = bootstrap_interval(rng.multinomial(200, shares), f_beta_of, draws=400, seed=seed)
        held += found.low <= true <= found.high
    assert held / 200 > 0.9


def test_posterior_holds_the_truth_as_often_as_it_says_also_where_cells_are_rare():
    rng = np.random.default_rng(7)
    shares = np.array([0.3, 0.01, 0.02, 0.67])
    true = mcc_of(shares * 1000)
    held = 0
    for seed in range(200):
        found = posterior_interval(rng.multinomial(60, shares), mcc_of, draws=400, seed=seed)
        held += found.low <= true <= found.high
    assert held / 200 > 0.9


def test_what_has_no_interval_is_refused():
    with pytest.raises(MeasureError, match="counts nothing"):
        bootstrap_interval([0, 0], mcc_of)
    with pytest.raises(MeasureError, match="no interval"):
        bootstrap_interval([1, 1, 1, 1], mcc_of, draws=5)
    with pytest.raises(MeasureError, match="not defined on some"):
        bootstrap_interval([1, 1], lambda tables: np.full(len(tables), np.nan))
    with pytest.raises(MeasureError, match="no coverage"):
        posterior_interval([1, 1, 1, 1], mcc_of, level=95)
