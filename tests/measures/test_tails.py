"""The tails are scipy's, to ten digits, also far out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.tails import beta_cdf, binomial_cdf, binomial_sf, chi2_sf, normal_sf, student_quantile

quick = settings(derandomize=True, deadline=None, max_examples=300)


def close(ours, theirs):
    return ours == pytest.approx(theirs, rel=1e-9, abs=1e-290)


@quick
@given(st.floats(-38, 37))
def test_normal(z):
    assert close(normal_sf(z), stats.norm.sf(z))


@quick
@given(st.floats(0, 1500), st.integers(1, 1200))
def test_chi_squared(x, degrees):
    assert close(chi2_sf(x, degrees), stats.chi2.sf(x, degrees)) or stats.chi2.sf(x, degrees) > 1 - 1e-9


@quick
@given(st.integers(1, 5000), st.floats(0.0005, 0.9995), st.data())
def test_binomial(trials, share, data):
    hits = data.draw(st.integers(-1, trials))
    assert binomial_sf(hits, trials, share) == pytest.approx(stats.binom.sf(hits, trials, share), rel=1e-8, abs=1e-12)
    assert binomial_cdf(hits, trials, share) == pytest.approx(stats.binom.cdf(hits, trials, share), rel=1e-8, abs=1e-12)


@quick
@given(st.floats(0, 1), st.floats(0.1, 500), st.floats(0.1, 500))
def test_beta(x, a, b):
    assert beta_cdf(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), rel=1e-9, abs=1e-12)


@quick
@given(st.floats(0.0005, 0.9995), st.integers(1, 400))
def test_student(share, degrees):
    assert student_quantile(share, degrees) == pytest.approx(stats.t.ppf(share, degrees), rel=1e-8, abs=1e-9)


def test_far_tails_do_not_vanish():
    assert binomial_sf(90, 100, 0.1) == pytest.approx(stats.binom.sf(90, 100, 0.1), rel=1e-8)
    assert chi2_sf(1200, 3) == pytest.approx(stats.chi2.sf(1200, 3), rel=1e-8)


@pytest.mark.parametrize(
    "asked",
    [
        lambda: chi2_sf(-1, 2),
        lambda: chi2_sf(1, 0),
        lambda: chi2_sf(float("nan"), 1),
        lambda: binomial_sf(1, 2, 1.5),
        lambda: student_quantile(1.0, 3),
    ],
)
def test_what_is_not_defined_is_an_error(asked):
    with pytest.raises(MeasureError):
        asked()
