import numpy as np
import pytest
from sklearn import metrics as oracle

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.regression import mae, mse, r2, rmse

HOUSES = [300_000.0, 250_000.0, 410_000.0]
SAID = [310_000.0, 230_000.0, 405_000.0]


def test_three_house_prices():
    """Errors of 10k, 20k and 5k: MSE 175M dollars squared, MAE 11.67k."""
    assert mse(HOUSES, SAID) == 175e6
    assert mae(HOUSES, SAID) == pytest.approx(11_666.67, abs=0.01)


def test_all_agree_with_scikit_learn():
    rng = np.random.default_rng(1)
    truth, said = rng.normal(5, 3, 400), rng.normal(5, 3, 400)
    assert mse(truth, said) == pytest.approx(oracle.mean_squared_error(truth, said), abs=1e-9)
    assert rmse(truth, said) == pytest.approx(oracle.root_mean_squared_error(truth, said), abs=1e-9)
    assert mae(truth, said) == pytest.approx(oracle.mean_absolute_error(truth, said), abs=1e-9)
    assert r2(truth, said) == pytest.approx(oracle.r2_score(truth, said), abs=1e-9)


def test_what_is_not_defined_is_refused():
    with pytest.raises(MeasureError, match="one value only"):
        r2([2, 2, 2], [1, 2, 3])
    with pytest.raises(MeasureError, match="no rows"):
        mse([], [])
    with pytest.raises(MeasureError, match="different length"):
        mae([1], [1, 2])
    with pytest.raises(MeasureError, match="row 1"):
        rmse([1, float("nan")], [1, 2])
