"""What a sample says of what it does not hold, against scipy and by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.unseen import beta_share, chance_of_more, reach, share_above, unseen_share


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 60), st.integers(1, 5000), st.floats(0.001, 0.999))
def test_exact_bounds_and_tails_are_those_of_scipy(hits: int, more: int, share: float) -> None:
    trials = hits + more
    assert share_above(hits, trials) == pytest.approx(stats.beta.ppf(0.95, hits + 1, more), rel=1e-6)
    assert chance_of_more(hits, trials, share=share) == pytest.approx(stats.binom.sf(hits - 1, trials, share), abs=1e-9)
    assert beta_share(share, hits + 1, more) == pytest.approx(stats.beta.cdf(share, hits + 1, more), abs=1e-9)


def test_all_hit_leaves_every_share_open() -> None:
    assert share_above(7, 7) == 1.0
    assert chance_of_more(0, 5, share=0.2) == 1.0


@pytest.mark.parametrize("wrong", [(1, 0), (3, 2), (-1, 4)])
def test_what_is_no_count_is_refused(wrong: tuple[int, int]) -> None:
    with pytest.raises(MeasureError):
        share_above(*wrong)
    with pytest.raises(MeasureError):
        unseen_share(*wrong)


@pytest.mark.parametrize("steepness", [0.3, 1.0, 2.0])
def test_the_bound_on_the_unseen_holds_at_its_level(steepness: float) -> None:
    draw = np.random.default_rng(3)
    shares = np.arange(1, 301.0) ** -steepness
    shares /= shares.sum()
    held = 0
    for _ in range(400):
        counts = np.bincount(draw.choice(300, 800, p=shares), minlength=300)
        once, twice = int((counts == 1).sum()), int((counts == 2).sum())
        held += shares[counts == 0].sum() <= unseen_share(once, 800, twice=twice)
    assert held / 400 >= 0.93


def test_many_singletons_meet_the_exact_bound() -> None:
    assert unseen_share(1001, 10_000) == pytest.approx(stats.chi2.ppf(0.95, 2 * 1002) / 2 / 10_000, rel=2e-3)


@pytest.mark.parametrize(
    ("draw", "most"),
    [
        (lambda random, size: random.normal(50, 10, size), 0.01),
        (lambda random, size: random.exponential(3, size), 0.02),
        (lambda random, size: random.lognormal(8, 1, size), 0.04),
        (lambda random, size: random.pareto(3, size) + 1, 0.06),
        (lambda random, size: random.poisson(4, size).astype(float), 0.03),
        (lambda random, size: random.uniform(0, 1, size), 0.01),
    ],
    ids=["normal", "exponential", "lognormal", "pareto", "poisson", "uniform"],
)
def test_as_many_values_more_rarely_lie_beyond_the_reach(draw: object, most: float) -> None:
    random = np.random.default_rng(5)
    beyond = 0
    for _ in range(300):
        seen, later = draw(random, 500), draw(random, 500)
        low, high = reach(seen)
        assert low <= seen.min() <= seen.max() <= high
        beyond += later.min() < low
        beyond += later.max() > high
    assert beyond / 600 <= most


def test_an_end_that_many_share_is_a_wall_and_few_values_are_refused() -> None:
    capped = np.minimum(np.random.default_rng(0).exponential(1, 5000), 2.0)
    assert reach(capped)[1] == 2.0
    with pytest.raises(MeasureError, match="fewer than 30"):
        reach([1.0] * 29)
