"""Texts that do not fit their label or their partner, by a small embedding of our own."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score

from roadworthy.data.quality.mismatched import doubt_labels, doubt_pairs, latent_words, review
from roadworthy.kernel.errors import DataError


@pytest.mark.corpus
def test_messages_under_the_wrong_label_come_first(corpus: Path) -> None:
    lines = [line.split("\t", 1) for line in (corpus / "sms_spam/SMSSpamCollection").read_text("utf-8").splitlines()]
    labels = np.array([label for label, _ in lines])
    wrong = np.random.default_rng(0).choice(len(labels), 100, replace=False)
    given = labels.copy()
    given[wrong] = np.where(labels[wrong] == "spam", "ham", "spam")
    found = doubt_labels(latent_words([text for _, text in lines]), given.tolist())
    planted = np.isin(np.arange(len(labels)), wrong)
    precision = average_precision_score(planted, np.nan_to_num(found.doubt, nan=0.0))
    assert precision >= 0.6
    shown = review(found, pl.DataFrame({"given": given}), pl.Series(range(len(given))), limit=0.9, most=50)
    assert shown.height == 50
    assert planted[found.order[:50]].mean() >= 0.8


@pytest.mark.corpus
def test_answers_that_belong_to_another_question_come_first(corpus: Path) -> None:
    table = pl.read_csv(corpus / "gen_truthfulqa/TruthfulQA.csv")
    answers = table["Best Answer"].to_list()
    moved = np.random.default_rng(1).choice(len(answers), 40, replace=False)
    for here, there in zip(moved, np.roll(moved, 1), strict=True):
        answers[here] = table["Best Answer"][int(there)]
    vectors = latent_words([*table["Question"].to_list(), *answers])
    found = doubt_pairs(vectors[: len(answers)], vectors[len(answers) :])
    planted = np.isin(np.arange(len(answers)), moved)
    doubt = np.nan_to_num(found.doubt, nan=0.0)
    assert np.median(doubt[planted]) > 0.2 > np.median(doubt[~planted])
    assert average_precision_score(planted, doubt) >= 4 * planted.mean()


def test_copies_do_not_vouch_for_each_other_and_empty_vectors_say_nothing() -> None:
    random = np.random.default_rng(0)
    vectors = np.vstack(
        [random.normal(0, 0.1, (30, 4)) + np.eye(4)[0], np.tile([1.0, 0.01, 0, 0], (30, 1)), np.zeros((2, 4))]
    )
    labels = ["a"] * 30 + ["b"] * 30 + ["a", "b"]
    found = doubt_labels(vectors, labels)
    assert (found.doubt[30:60] > 0.9).all()
    assert np.isnan(found.doubt[60:]).all()
    assert not set(found.order.tolist()) & {60, 61}
    assert doubt_labels(vectors, ["a"] * 62).order.size == 0


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="3 vectors stand beside 4 values"):
        doubt_labels(np.ones((3, 2)), [1, 2, 3, 4])
    with pytest.raises(DataError, match="share no words"):
        latent_words(["a", "b", "c"])


def test_the_small_embedding_gives_the_same_vectors_again() -> None:
    texts = [f"word{n % 7} and word{n % 5} of {n % 3}" for n in range(60)]
    assert np.allclose(latent_words(texts, dimensions=8), latent_words(texts, dimensions=8))
