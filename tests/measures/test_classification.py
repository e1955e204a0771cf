"""The numeric examples are those of the lesson that the mission rests on."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures import classification as ours
from roadworthy.measures.classification import Confusion, confusion

rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=60)


def test_eight_wrong_of_a_hundred():
    truth = [1] * 30 + [0] * 70
    decision = [0] * 7 + [1] * 23 + [1] + [0] * 69
    counted = confusion(truth, decision)
    assert (counted.fn, counted.fp) == (7, 1)
    assert ours.error_rate(counted) == 0.08
    assert ours.accuracy(counted) == 0.92


def test_eighteen_of_twenty_flagged_and_of_thirty_that_exist():
    counted = Confusion(tp=18, fp=2, fn=12, tn=68)
    assert ours.precision(counted) == 0.9
    assert ours.recall(counted) == 0.6
    assert ours.f1(counted) == pytest.approx(0.72)


def test_always_answering_no_is_accurate_and_useless_where_positives_are_rare():
    counted = confusion([1] + [0] * 99, [0] * 100)
    assert ours.accuracy(counted) == 0.99
    assert ours.recall(counted) == 0
    assert ours.balanced_accuracy(counted) == 0.5
    assert ours.mcc(counted) == 0


@given(rows)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_all_measures_agree_with_scikit_learn_where_they_are_defined(pairs):
    truth, decision = map(list, zip(*pairs, strict=True))
    counted = confusion(truth, decision)
    tn, fp, fn, tp = oracle.confusion_matrix(truth, decision, labels=[0, 1]).ravel()
    assert counted == Confusion(tp=tp, fp=fp, fn=fn, tn=tn)
    assert ours.accuracy(counted) == pytest.approx(oracle.accuracy_score(truth, decision), abs=1e-9)
    if tp + fp:
        assert ours.precision(counted) == pytest.approx(oracle.precision_score(truth, decision), abs=1e-9)
    if tp + fp + fn:
        for beta in (0.5, 1.0, 2.0):
            expected = oracle.fbeta_score(truth, decision, beta=beta, zero_division=0)
            assert ours.f_beta(counted, beta=beta) == pytest.approx(expected, abs=1e-9)
    if 0 < sum(truth) < len(truth):
        assert ours.recall(counted) == pytest.approx(oracle.recall_score(truth, decision), abs=1e-9)
        assert ours.specificity(counted) == pytest.approx(oracle.recall_score(truth, decision, pos_label=0), abs=1e-9)
        assert ours.false_positive_rate(counted) == pytest.approx(1 - ours.specificity(counted), abs=1e-12)
        assert ours.false_negative_rate(counted) == pytest.approx(1 - ours.recall(counted), abs=1e-12)
        assert ours.mcc(counted) == pytest.approx(oracle.matthews_corrcoef(truth, decision), abs=1e-9)
        expected = oracle.balanced_accuracy_score(truth, decision)
        assert ours.balanced_accuracy(counted) == pytest.approx(expected, abs=1e-9)


def test_mcc_stays_exact_for_counts_of_millions():
    counted = Confusion(tp=3_000_000_000, fp=1, fn=2, tn=4_000_000_000)
    assert 0.999999 < ours.mcc(counted) <= 1


def test_cost_weighs_each_kind_of_error():
    counted = Confusion(tp=23, fp=1, fn=7, tn=69)
    assert Fraction(ours.expected_cost(counted, false_positive=10, false_negative=1)).limit_denominator(
        1000
    ) == Fraction(17, 100)
    with pytest.raises(MeasureError, match="negative"):
        ours.expected_cost(counted, false_positive=-1, false_negative=1)


@pytest.mark.parametrize(
    ("measure", "counted", "said"),
    [
        (ours.precision, Confusion(tp=0, fp=0, fn=3, tn=5), "nothing was called positive"),
        (ours.recall, Confusion(tp=0, fp=2, fn=0, tn=5), "no row is positive"),
        (ours.specificity, Confusion(tp=4, fp=0, fn=1, tn=0), "no row is negative"),
        (ours.false_positive_rate, Confusion(tp=4, fp=0, fn=1, tn=0), "no row is negative"),
        (ours.false_negative_rate, Confusion(tp=0, fp=0, fn=0, tn=1), "no row is positive"),
        (ours.f1, Confusion(tp=0, fp=0, fn=0, tn=9), "F score is not defined"),
        (ours.mcc, Confusion(tp=4, fp=0, fn=1, tn=0), "one class is missing"),
        (ours.balanced_accuracy, Confusion(tp=4, fp=0, fn=1, tn=0), "no row is negative"),
        (ours.accuracy, Confusion(tp=0, fp=0, fn=0, tn=0), "there are no rows"),
    ],
)
def test_what_is_not_defined_is_an_error_that_says_why_and_never_nan(measure, counted, said):
    with pytest.raises(MeasureError, match=said):
        measure(counted)


def test_an_unknown_share_offers_the_nearest():
    with pytest.raises(MeasureError, match='did you mean "precision"'):
        ours.share("presicion", Confusion(tp=1, fp=1, fn=1, tn=1))


def test_columns_of_different_length_are_refused():
    with pytest.raises(MeasureError, match="different length"):
        confusion([0, 1], [0, 1, 1])


def test_formulas_of_many_tables_equal_those_of_one():
    tables = np.random.default_rng(3).integers(0, 30, size=(50, 4))
    scores, correlations = ours.f_beta_of(tables.astype(float), beta=2.0), ours.mcc_of(tables.astype(float))
    for table, score, correlation in zip(tables.tolist(), scores, correlations, strict=True):
        counted = Confusion(*table)
        assert score == pytest.approx(ours.f_beta(counted, beta=2.0))
        if counted.positives and counted.negatives:
            assert correlation == pytest.approx(ours.mcc(counted))
