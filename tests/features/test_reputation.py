"""Reputation: what was known of an entity before each row, and nothing else."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.bundle.steps.reputation import Reputation
from roadworthy.features.reputation import Standing

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "", "A"]), st.one_of(st.integers(0, 5).map(float), st.just(math.nan)), st.booleans()
    ),
    min_size=1,
    max_size=25,
)


def standing_of(rows):
    names, times, truth = zip(*rows, strict=True)
    return Standing("who", names, times=np.array(times), truth=np.array(truth, np.int8))


def plainly(rows):
    """The same by two loops."""
    found = []
    for name, time, _ in rows:
        past = [(other.lower(), positive) for other, when, positive in rows if when < time]
        mine = [positive for other, positive in past if other == name.lower() and other]
        base = (sum(positive for _, positive in past) + 1) / (len(past) + 2)
        odds = math.log((sum(mine) + 2 * base) / (len(mine) - sum(mine) + 2 * (1 - base))) - math.log(base / (1 - base))
        found.append((odds, math.log1p(len(mine))))
    return np.array(found)


@settings(derandomize=True, deadline=None)
@given(ROWS)
def test_the_past_is_what_two_loops_find(rows):
    standing, every = standing_of(rows), np.arange(len(rows))
    assert np.allclose(standing.past(standing.fit(every), every), plainly(rows), atol=1e-6)


@settings(derandomize=True, deadline=None)
@given(ROWS, st.integers(0, 5))
def test_what_comes_later_changes_nothing_before(rows, moment):
    changed = [(name, time, positive if not time > moment else not positive) for name, time, positive in rows]
    every = np.arange(len(rows))
    early = np.array([time <= moment for _, time, _ in rows], dtype=bool)
    found = [(s := standing_of(some)).past(s.fit(every), every)[early] for some in (rows, changed)]
    assert np.array_equal(found[0], found[1])


def test_the_frozen_table_knows_the_fitted_rows_alone():
    standing = standing_of([("a", 1.0, True), ("a", 2.0, True), ("b", 3.0, False), ("a", 4.0, False)])
    step = standing.fit(np.array([0, 1, 2]))
    assert step.seen == {"a": (2, 0), "b": (0, 1)}
    assert step.base == pytest.approx(3 / 5)
    bad, good, unknown, missing = step.encode({"who": ["A", "b", "z", None]})
    assert bad[0] > 0 > good[0]
    assert unknown.tolist() == [0, 0]
    assert missing.tolist() == [0, 0]


def test_no_rows_give_no_rows():
    assert Reputation(entity="who", base=0.5, seen={}).encode({"who": []}).shape == (0, 2)
