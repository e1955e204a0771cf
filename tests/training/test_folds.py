"""Folds keep groups whole and hold both classes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.kernel.errors import TrainingError
from roadworthy.training.folds import fold_numbers


@settings(derandomize=True, max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), folds=st.integers(2, 6))
def test_groups_stay_whole_and_every_fold_has_both_classes(seed: int, folds: int) -> None:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 60, 200)
    truth = (rng.random(60) < 0.3).astype(np.int8)[group]
    number = fold_numbers(truth, group, folds=folds, seed=seed)
    assert all(len(np.unique(number[group == value])) == 1 for value in np.unique(group))
    assert all(set(truth[number == fold]) == {0, 1} for fold in range(number.max() + 1))
    assert (number == fold_numbers(truth, group, folds=folds, seed=seed)).all()


def test_fewer_folds_where_the_rarer_class_has_few_groups() -> None:
    truth = np.int8([1, 1, 1] + [0] * 30)
    number = fold_numbers(truth, np.arange(33), folds=10, seed=1)
    assert number.max() + 1 == 3


@pytest.mark.parametrize("truth", [[], [0] * 20, [1] * 20])
def test_one_class_is_refused(truth: list[int]) -> None:
    with pytest.raises(TrainingError):
        fold_numbers(np.int8(truth), np.arange(len(truth)), folds=3, seed=1)


def test_a_class_in_one_group_is_refused() -> None:
    truth = np.int8([1] * 10 + [0] * 10)
    with pytest.raises(TrainingError, match="both classes"):
        fold_numbers(truth, np.array([0] * 10 + list(range(1, 11))), folds=3, seed=1)
