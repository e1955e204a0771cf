"""Wrong labels named by their rows, few where the task is merely hard."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from roadworthy.data.quality.mislabelled import judge_labels
from roadworthy.kernel.limits import Verdict


def _keys(count: int) -> pl.Series:
    return pl.Series("row_key", [f"r{number}" for number in range(count)])


def _calibrated(rows: int, sharpness: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from the very probabilities: nothing is wrong, whatever the task."""
    draw = np.random.default_rng(seed)
    positive = 1 / (1 + np.exp(-sharpness * draw.normal(0, 1, rows)))
    return (draw.random(rows) < positive).astype(np.int8), np.column_stack([1 - positive, positive])


def test_flipped_labels_are_named_and_a_clean_task_is_left_alone() -> None:
    draw = np.random.default_rng(1)
    true = draw.integers(0, 2, 2000)
    positive = np.where(true == 1, 0.99, 0.01)
    probability = np.column_stack([1 - positive, positive])
    clean = judge_labels(_keys(2000), true, probability, names=("ham", "spam"))
    assert (clean.finding.verdict, clean.review.height) == (Verdict.PASS, 0)
    flipped = draw.choice(2000, 60, replace=False)
    given = true.copy()
    given[flipped] = 1 - given[flipped]
    found = judge_labels(_keys(2000), given, probability, names=("ham", "spam"))
    assert set(found.review["row_key"]) == {f"r{row}" for row in flipped}
    assert found.finding.summary.startswith("60 of 2,000 labels are contradicted by models that did not see them")
    assert found.review.columns == ["row_key", "given", "suggested", "likelihood", "right"]


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.0])
def test_a_hard_task_without_wrong_labels_gets_hardly_any(sharpness: float) -> None:
    shares = []
    for seed in range(10):
        given, probability = _calibrated(5000, sharpness, seed)
        shares.append(judge_labels(_keys(5000), given, probability, names=("no", "yes")).review.height / 5000)
    assert np.mean(shares) <= 0.016


def test_too_few_rows_of_a_class_cannot_tell() -> None:
    probability = np.tile([0.9, 0.1], (50, 1))
    found = judge_labels(_keys(50), np.array([1] * 4 + [0] * 46), probability, names=("no", "yes"))
    assert (found.finding.verdict, found.finding.more_rows, found.review.height) == (Verdict.CANNOT_TELL, 6, 0)


@pytest.mark.corpus
def test_planted_wrong_labels_among_real_messages(corpus: Path) -> None:
    lines = [line.split("\t", 1) for line in (corpus / "sms_spam/SMSSpamCollection").read_text("utf-8").splitlines()]
    true = np.array([label == "spam" for label, _ in lines], dtype=np.int8)
    flipped = np.random.default_rng(2).choice(len(true), 110, replace=False)
    given = true.copy()
    given[flipped] = 1 - given[flipped]
    words = TfidfVectorizer(min_df=2, sublinear_tf=True).fit_transform([text for _, text in lines])
    model = LogisticRegression(C=30, max_iter=500)
    probability = cross_val_predict(model, words, given, cv=5, method="predict_proba")
    named = {
        int(key[1:])
        for key in judge_labels(_keys(len(true)), given, probability, names=("ham", "spam")).review["row_key"]
    }
    hit = len(named & set(flipped.tolist()))
    assert hit / len(named) >= 0.8
    assert hit / len(flipped) >= 0.7
