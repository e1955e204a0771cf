"""Label errors: the same rows as cleanlab, and real human label noise."""

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.label_errors import chance_wrong, label_noise, likely_wrong


def _simulated(rows: int, *, structured: bool, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Given labels, out-of-fold probabilities, true classes; ten classes, 8 % noise."""
    draw = np.random.default_rng(seed)
    true = draw.choice(10, rows, p=draw.dirichlet(np.full(10, 4.0)))
    step = np.where(draw.random(rows) < 0.7, 1, 3) if structured else draw.integers(1, 10, rows)
    given = np.where(draw.random(rows) < 0.08, (true + step) % 10, true)
    logits = draw.normal(0, 1, (rows, 10))
    logits[np.arange(rows), true] += 3.2 * draw.gamma(4, 0.25, rows)
    logits[np.arange(rows), (true + 1) % 10] += 0.8
    belief = np.exp(1.2 * logits)
    return given, belief / belief.sum(axis=1, keepdims=True), true


@pytest.mark.parametrize("structured", [True, False])
def test_the_rows_are_those_of_cleanlab(structured: bool) -> None:
    filters = pytest.importorskip("cleanlab.filter", reason="SKIPPED FOR WANT OF AN ORACLE: pip install cleanlab")
    given, belief, _ = _simulated(5000, structured=structured)
    theirs = filters.find_label_issues(given, belief, return_indices_ranked_by="self_confidence", n_jobs=1)
    ours = likely_wrong(given, belief)
    union = set(ours.tolist()) | set(theirs.tolist())
    assert len(set(ours.tolist()) & set(theirs.tolist())) / len(union) > 0.99
    counts = pytest.importorskip("cleanlab.count")
    joint = counts.compute_confident_joint(given, belief, calibrate=True)
    assert np.abs(label_noise(given, belief).joint - joint).max() <= 1


def test_the_posterior_ranks_structured_noise_better_than_self_confidence() -> None:
    given, belief, true = _simulated(20_000, structured=True)
    wrong = given != true
    own = average_precision_score(wrong, -belief[np.arange(len(given)), given])
    posterior = average_precision_score(wrong, chance_wrong(given, belief))
    assert posterior > own + 0.02
    assert likely_wrong(given, belief).size == pytest.approx(label_noise(given, belief).wrong, rel=0.2)


def test_right_labels_of_an_easy_task_are_left_alone() -> None:
    _, belief, true = _simulated(3000, structured=True)
    sharp = np.full_like(belief, 0.001)
    sharp[np.arange(3000), true] = 0.991
    assert likely_wrong(true, sharp).size == 0
    assert chance_wrong(true, sharp).max() < 0.01


@pytest.mark.corpus
def test_real_people_who_mislabelled_pictures_are_found(corpus: Path) -> None:
    """What two other people said of a picture stands in for a model that did not see this person's label."""
    labels = pl.read_csv(gzip.decompress((corpus / "cifar10n/cifar10n_labels.csv.gz").read_bytes()))
    given, true = labels["random_label1"].to_numpy(), labels["clean_label"].to_numpy()
    pair = labels["random_label2"].to_numpy() * 10 + labels["random_label3"].to_numpy()
    fold = np.random.default_rng(0).integers(0, 5, len(given))
    belief = np.zeros((len(given), 10))
    for number in range(5):
        fit = fold != number
        counts = np.bincount(pair[fit] * 10 + given[fit], minlength=1000).reshape(100, 10) + 0.1
        belief[~fit] = (counts / counts.sum(axis=1, keepdims=True))[pair[~fit]]
    wrong = given != true
    found = likely_wrong(given, belief)
    assert wrong.mean() == pytest.approx(0.172, abs=0.001)
    assert label_noise(given, belief).wrong / len(given) == pytest.approx(wrong.mean(), abs=0.05)
    assert wrong[found].mean() > 0.8
    assert average_precision_score(wrong, chance_wrong(given, belief)) > 0.75


@pytest.mark.parametrize(
    ("given", "belief"),
    [
        ([0, 1], [[1.0, 0.0]]),
        ([0, 2], [[0.5, 0.5], [0.5, 0.5]]),
        ([0, 0], [[0.5, 0.5], [0.5, 0.5]]),
        ([0, 1], [[float("nan"), 0.5], [0.5, 0.5]]),
        ([], np.zeros((0, 2))),
    ],
)
def test_what_does_not_fit_is_refused(given: list[int], belief: list[list[float]]) -> None:
    with pytest.raises(MeasureError):
        label_noise(given, np.asarray(belief))
