import time
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.ranking import (
    auc,
    auc_interval,
    auc_variance,
    average_precision,
    average_precision_interval,
    confusion_by_threshold,
    precision_recall_points,
    roc_points,
)

scored = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 12)), min_size=2, max_size=80).filter(
    lambda pairs: 0 < sum(truth for truth, _ in pairs) < len(pairs)
)


@given(scored)
@settings(derandomize=True, max_examples=150, deadline=None)
def test_areas_agree_with_scikit_learn_also_with_ties(pairs):
    truth, score = map(np.array, zip(*pairs, strict=True))
    assert auc(truth, score) == pytest.approx(oracle.roc_auc_score(truth, score), abs=1e-9)
    assert average_precision(truth, score) == pytest.approx(oracle.average_precision_score(truth, score), abs=1e-9)
    assert auc(truth, score) + auc(truth, -score) == pytest.approx(1, abs=1e-9)


@given(scored)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_curves_agree_with_scikit_learn(pairs):
    truth, score = map(np.array, zip(*pairs, strict=True))
    fpr, tpr, thresholds = oracle.roc_curve(truth, score, drop_intermediate=False)
    assert np.allclose(roc_points(truth, score), np.column_stack([fpr, tpr, thresholds]))
    precision, recall, places = oracle.precision_recall_curve(truth, score)
    ours = precision_recall_points(truth, score)[::-1]
    assert np.allclose(ours, np.column_stack([recall[:-1], precision[:-1], places]))


@given(scored)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_variance_agrees_with_the_placements_of_the_paper_one_by_one(pairs):
    truth, score = map(np.array, zip(*pairs, strict=True))
    positive, negative = score[truth == 1], score[truth == 0]
    wins = (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])
    expected = 0.0
    for parts in (wins.mean(axis=1), wins.mean(axis=0)):
        expected += parts.var(ddof=1) / len(parts) if len(parts) > 1 else wins.mean() * (1 - wins.mean())
    assert auc_variance(truth, score) == pytest.approx(expected, abs=1e-9)


@given(scored)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_intervals_lie_in_the_unit_interval_and_hold_the_estimate(pairs):
    truth, score = map(np.array, zip(*pairs, strict=True))
    for value, found in (
        (auc(truth, score), auc_interval(truth, score)),
        (average_precision(truth, score), average_precision_interval(truth, score)),
    ):
        assert 0 <= found.low <= value + 1e-12
        assert value - 1e-12 <= found.high <= 1
        assert found.low < found.high


@pytest.mark.parametrize(
    ("positives", "negatives", "area"),
    [(10, 10, 0.8), (20, 200, 0.95), (50, 50, 0.99), (240, 1500, 0.999), (100, 100, 0.6)],
)
def test_the_area_lies_in_its_interval_as_often_as_it_says(positives, negatives, area):
    rng = np.random.default_rng(5)
    shift = NormalDist().inv_cdf(area) * 2**0.5
    truth = np.r_[np.ones(positives), np.zeros(negatives)]
    repeats, held = 250, 0
    for _ in range(repeats):
        found = auc_interval(truth, rng.normal(size=len(truth)) + shift * truth)
        held += found.low <= area <= found.high
    assert held / repeats > 0.92


def test_few_perfectly_ordered_rows_do_not_prove_perfection():
    few, many = auc_interval([0] * 5 + [1] * 5, range(10)), auc_interval([0] * 500 + [1] * 500, range(1000))
    assert few.high == many.high == 1
    assert few.low < 0.75
    assert many.low > 0.99
    turned = auc_interval([1] * 5 + [0] * 5, range(10))
    assert turned.low == 0
    assert turned.high == pytest.approx(1 - few.low)


def test_constant_scores_know_nothing_and_say_so():
    found = auc_interval([0, 1] * 20, [0.3] * 40)
    assert auc([0, 1] * 20, [0.3] * 40) == 0.5
    assert found.low < 0.4
    assert found.high > 0.6


def test_a_million_rows_take_the_time_of_a_sort():
    rng = np.random.default_rng(0)
    truth, score = rng.integers(0, 2, 1_000_000), rng.normal(size=1_000_000)
    begun = time.process_time()
    found = auc_interval(truth, score)
    assert found.high - found.low < 0.003
    assert time.process_time() - begun < 5  # a quadratic form would take hours


def test_counts_at_other_thresholds_are_the_counts_of_deciding_there():
    rng = np.random.default_rng(2)
    truth, score = rng.integers(0, 2, 300), rng.integers(0, 20, 300) / 20
    for threshold, cells in zip(
        [0.0, 0.25, 0.5, 1.0], confusion_by_threshold(truth, score, [0, 0.25, 0.5, 1.0]), strict=True
    ):
        tn, fp, fn, tp = oracle.confusion_matrix(truth, score >= threshold, labels=[0, 1]).ravel()
        assert cells.tolist() == [tp, fp, fn, tn]


@pytest.mark.parametrize(
    "measure", [auc, auc_interval, auc_variance, average_precision, roc_points, precision_recall_points]
)
def test_one_class_has_no_ranking(measure):
    with pytest.raises(MeasureError, match="all 2 rows are negative"):
        measure([0, 0], [0.1, 0.2])
    with pytest.raises(MeasureError, match="different length"):
        measure([0, 1], [0.1])
