"""The laws of learners, on every member, with and without text."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from roadworthy.bundle.encoded import Csr, Encoded
from roadworthy.bundle.scorers import load_scorer
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.errors import TrainingError
from roadworthy.kernel.ports import Silent
from roadworthy.training.cross_validation import CrossValidation
from roadworthy.training.folds import fold_numbers
from roadworthy.training.learners.learner import Learner
from roadworthy.wiring.builtin import LEARNERS

MEMBERS: Catalogue[type[Learner]] = Catalogue("learner", LEARNERS)


def folds_of(fake: object, *, seed: int = 7) -> CrossValidation:
    train = fake.split().train
    fold = fold_numbers(fake.truth[train], fake.group[train], folds=3, seed=seed)
    return CrossValidation(fake, fake.truth, train, fold=fold, seed=seed, progress=Silent())


def row(encoded: Encoded, number: int) -> Encoded:
    sparse = encoded.sparse
    if sparse is not None:
        span = slice(sparse.indptr[number], sparse.indptr[number + 1])
        ends = np.int64([0, sparse.indptr[number + 1] - sparse.indptr[number]])
        sparse = Csr(data=sparse.data[span], indices=sparse.indices[span], indptr=ends, width=sparse.width)
    return Encoded(dense=encoded.dense[number : number + 1], names=encoded.names, sparse=sparse)


def small(learner: Learner, has_text: bool) -> dict[str, object]:
    params = learner.start(has_text=has_text)
    return params | ({"trees": 20} if "trees" in params else {})


@pytest.fixture(params=[60, 0], ids=["text", "no text"], scope="module")
def folds(request: pytest.FixtureRequest, make_fake: Callable[..., object]) -> CrossValidation:
    return folds_of(make_fake(words=request.param))


@pytest.fixture(params=list(LEARNERS))
def learner(request: pytest.FixtureRequest) -> Learner:
    return MEMBERS[request.param]()


def test_the_same_seed_gives_the_same_scores(learner: Learner, folds: CrossValidation) -> None:
    params = small(learner, folds.has_text)
    probe = folds.whole.rows
    learner.fit(folds.examples(), params, seed=5)
    first, second = (learner.fit(folds.examples(), params, seed=3).score(probe) for _ in range(2))
    assert first.tolist() == second.tolist()


def test_released_saved_and_single_rows_score_alike(learner: Learner, folds: CrossValidation, tmp_path: Path) -> None:
    fitted = learner.fit(folds.examples(), small(learner, folds.has_text), seed=3)
    probe = folds.whole.rows
    released = learner.release(fitted, probe=probe)
    scores = released.score(probe)
    assert scores == pytest.approx(fitted.score(probe), abs=1e-4)
    spec = msgspec.json.decode(msgspec.json.encode(released.save(tmp_path)))
    read = load_scorer(tmp_path, spec)
    assert read.score(probe).tolist() == scores.tolist()
    assert [read.score(row(probe, number))[0] for number in range(25)] == scores[:25].tolist()


def test_gaps_anywhere_give_finite_scores(learner: Learner, folds: CrossValidation) -> None:
    fitted = learner.fit(folds.examples(), small(learner, folds.has_text), seed=3)
    released = learner.release(fitted, probe=folds.whole.rows)
    probe = folds.whole.rows
    for column in (*range(probe.dense.shape[1]), slice(None)):
        dense = probe.dense.copy()
        dense[:, column] = np.nan
        gaps = Encoded(dense=dense, names=probe.names, sparse=probe.sparse)
        assert np.isfinite(released.score(gaps)).all()
        assert released.score(gaps) == pytest.approx(fitted.score(gaps), abs=1e-4)


def test_a_larger_score_means_more_positive(learner: Learner, folds: CrossValidation) -> None:
    scores = folds.out_of_fold(learner, small(learner, folds.has_text))
    ranks = np.argsort(np.argsort(scores))
    truth = folds.truth == 1
    wins = ranks[truth].sum() - truth.sum() * (truth.sum() - 1) / 2
    assert wins / (truth.sum() * (~truth).sum()) > 0.7


@pytest.mark.parametrize("has_text", [True, False])
def test_the_grid_is_finite_plain_and_holds_its_start(learner: Learner, has_text: bool) -> None:
    for choice in learner.grid(has_text=has_text).values():
        assert choice.start in choice.options
        assert list(choice.options) == sorted(set(choice.options))
        assert msgspec.json.decode(msgspec.json.encode(choice.options)) == list(choice.options)


def test_the_name_is_the_one_it_is_asked_by(learner: Learner) -> None:
    assert type(learner) is MEMBERS[learner.name]


@pytest.mark.parametrize("name", ["random_forest", "boosted_trees"])
def test_a_model_that_cannot_be_exported_faithfully_is_refused(
    name: str, folds: CrossValidation, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = MEMBERS[name]()
    fitted = learner.fit(folds.examples(), small(learner, folds.has_text), seed=3)
    whole = type(fitted.ensemble).forest
    monkeypatch.setattr(
        type(fitted.ensemble), "forest", lambda self: msgspec.structs.replace(whole(self), base=whole(self).base + 0.3)
    )
    with pytest.raises(TrainingError, match="differ from the fitted ones"):
        learner.release(fitted, probe=folds.whole.rows)
