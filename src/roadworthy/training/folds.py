"""Folds of the training rows: stratified, groups kept whole, every part with both classes."""

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from roadworthy.kernel.errors import TrainingError


def fold_numbers(truth: NDArray[np.int8], group: NDArray[np.int64], *, folds: int, seed: int) -> NDArray[np.int64]:
    """Number of the fold in which each row is held out.

    Folds mix all times on purpose: on the SpamAssassin corpus the share of spam changes so much over time that
    time-forward folds would calibrate to another base rate than the next months have. How far a time-ordered test
    falls short of the folds is then measured by the test itself.

    Args:
        truth, group: of the training rows, aligned.
        folds: how many are wanted; fewer are made if a class has too few groups.

    Raises:
        TrainingError: if there are not two groups of each class to part.
    """
    _both_classes(truth)
    for count in range(min(folds, *(len(np.unique(group[truth == value])) for value in (0, 1))), 1, -1):
        number = np.full(len(truth), -1, dtype=np.int64)
        splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # "least populated class": judged below, by what came out
            for fold, (_, held) in enumerate(splitter.split(np.zeros(len(truth)), truth, group)):
                number[held] = fold
        if all(len(np.unique(truth[number == fold])) == 2 for fold in range(count)):
            return number
    raise TrainingError(
        "the training rows cannot be parted into folds that all hold both classes",
        where="[training] search.folds",
        fix="give more rows of the rarer class, or look at near-duplicate groups that hold most of it",
    )


def _both_classes(truth: NDArray[np.int8]) -> None:
    if len(np.unique(truth)) < 2:
        raise TrainingError(
            "all training rows are of one class" if len(truth) else "there are no training rows",
            where="[split]",
            fix="give rows of both classes, or declare another split",
        )
