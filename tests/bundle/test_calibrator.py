"""Frozen maps from score to probability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.bundle.calibrator import Beta, Calibrator, Isotonic, Platt, load_calibrator
from roadworthy.kernel.errors import BundleError

EVERY = [
    Platt(slope=1.7, intercept=-0.3),
    Beta(low=0.4, high=2.5, intercept=0.1),
    Isotonic(scores=(-2.0, 0.0, 3.0), probabilities=(0.01, 0.4, 0.99)),
]


@pytest.mark.parametrize("calibrator", EVERY, ids=lambda c: type(c).__name__)
@settings(derandomize=True, max_examples=50, deadline=None)
@given(scores=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_larger_scores_never_get_smaller_probabilities(calibrator: Calibrator, scores: list[float]) -> None:
    chance = calibrator(np.sort(np.array(scores)))
    assert ((chance >= 0) & (chance <= 1)).all()
    assert (np.diff(chance) >= -1e-12).all()


@pytest.mark.parametrize("calibrator", EVERY, ids=lambda c: type(c).__name__)
def test_a_spec_reads_back_as_the_same_map(calibrator: Calibrator) -> None:
    assert load_calibrator(calibrator.spec()) == calibrator


def test_beta_with_equal_slopes_is_platt() -> None:
    scores = np.linspace(-5, 5, 21)
    assert Beta(low=2.0, high=2.0, intercept=0.5)(scores) == pytest.approx(Platt(slope=2.0, intercept=0.5)(scores))


@pytest.mark.parametrize("spec", [{}, {"kind": "magic"}, {"kind": "platt", "slope": "steep", "intercept": 0.0}])
def test_a_spec_of_something_else_is_refused(spec: dict[str, object]) -> None:
    with pytest.raises(BundleError, match="cannot be read"):
        load_calibrator(spec)
