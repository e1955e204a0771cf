"""How much to check by hand: sizes that keep what they promise, intervals that hold the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.intervals import wilson
from roadworthy.measures.sampling import Stratum, allocate, sample_size, stratified


@settings(deadline=None, derandomize=True)
@given(st.floats(0, 1), st.floats(0.005, 0.2))
def test_the_size_is_the_least_that_is_narrow_enough(share: float, within: float) -> None:
    rows = sample_size(share, within=within)

    def reach(count: int) -> float:
        interval = wilson(share * count, count)
        return max(interval.high - share, share - interval.low)

    assert reach(rows) <= within
    assert rows <= 4 or reach(rows - 1) > within
    assert sample_size(share, within=within, among=50) <= min(50, rows)


def test_the_stratified_interval_holds_the_truth_at_its_level() -> None:
    random = np.random.default_rng(0)
    sizes, shares = (5000, 400, 90), (0.01, 0.3, 0.6)
    truth = sum(size * share for size, share in zip(sizes, shares, strict=True)) / sum(sizes)
    counts = allocate(sizes, shares, total=350)
    held = 0
    for _ in range(1000):
        strata = [
            Stratum(size, count, int(random.hypergeometric(round(size * share), size - round(size * share), count)))
            for size, share, count in zip(sizes, shares, counts, strict=True)
        ]
        share, interval = stratified(strata)
        assert interval.low <= share <= interval.high
        held += interval.low <= truth <= interval.high
    assert held / 1000 >= 0.94


def test_checking_all_leaves_nothing_open() -> None:
    share, interval = stratified([Stratum(10, 10, 3), Stratum(5, 5, 0)])
    assert share == interval.low == interval.high == pytest.approx(0.2)


def test_what_does_not_fit_is_refused() -> None:
    for call in (
        lambda: sample_size(1.5, within=0.1),
        lambda: sample_size(0.5, within=0),
        lambda: allocate([1, 2], [0.1], total=5),
        lambda: stratified([Stratum(10, 0, 0)]),
    ):
        with pytest.raises(MeasureError):
            call()
