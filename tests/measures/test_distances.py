import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance as oracle

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.distances import (
    jensen_shannon,
    ks,
    ks_counts,
    psi,
    total_variation,
    wasserstein,
    wasserstein_counts,
)

tables = st.integers(2, 8).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, 500), min_size=n, max_size=n).filter(any) for _ in range(2)))
)
samples = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60)


@given(tables)
@settings(derandomize=True, max_examples=150, deadline=None)
def test_jensen_shannon_agrees_with_scipy(pair):
    one, two = pair
    # scipy's root of a rounding error can be nan or tiny where the tables are equal
    expected = float(np.nan_to_num(oracle.jensenshannon(one, two, base=2)))
    assert jensen_shannon(one, two) == pytest.approx(expected, abs=1e-7)
    assert 0 <= total_variation(one, two) <= 1


@given(samples, samples)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_distances_of_samples_agree_with_scipy(one, two):
    assert ks(one, two) == pytest.approx(stats.ks_2samp(one, two, method="asymp").statistic, abs=1e-9)
    assert wasserstein(one, two) == pytest.approx(stats.wasserstein_distance(one, two), rel=1e-9, abs=1e-9)


@given(tables)
@settings(derandomize=True, max_examples=80, deadline=None)
def test_counts_at_values_give_the_distance_of_the_samples(pair):
    one, two = pair
    values = np.arange(len(one), dtype=float) ** 2
    first, second = np.repeat(values, one), np.repeat(values, two)
    assert ks_counts(one, two) == pytest.approx(ks(first, second), abs=1e-9)
    assert wasserstein_counts(values, one, two) == pytest.approx(wasserstein(first, second), abs=1e-9)


def test_psi_of_a_known_case_and_its_laws():
    p, q = np.array([50.5, 50.5]) / 101, np.array([80.5, 20.5]) / 101
    assert psi([50, 50], [80, 20]) == pytest.approx(float(np.sum((q - p) * np.log(q / p))), abs=1e-12)
    assert psi([30, 70], [300, 700]) < 1e-3
    assert psi([10, 90], [40, 60]) == pytest.approx(psi([40, 60], [10, 90]))
    assert psi([50, 50, 0], [80, 20, 0]) == psi([50, 50], [80, 20])
    assert np.isfinite(psi([100, 0], [0, 100]))


def test_what_is_not_defined_is_refused():
    with pytest.raises(MeasureError, match="different length"):
        psi([1, 2], [1, 2, 3])
    with pytest.raises(MeasureError, match="counts nothing"):
        jensen_shannon([0, 0], [1, 2])
    with pytest.raises(MeasureError, match="no rows"):
        ks([], [1.0])
    with pytest.raises(MeasureError, match="ascend"):
        wasserstein_counts([2, 1], [1, 1], [1, 1])
