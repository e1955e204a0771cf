"""Training as a whole, on made-up rows and on the real corpus."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from roadworthy.declare.problem import Costs
from roadworthy.declare.requirements import Require
from roadworthy.declare.training import Search, Training
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.errors import RoadworthyError, TrainingError
from roadworthy.kernel.fingerprint import sha256_tree
from roadworthy.kernel.limits import parse_limit
from roadworthy.kernel.ports import Silent
from roadworthy.training.train import Trained, train
from roadworthy.training.trials import TrialLog
from roadworthy.wiring.builtin import LEARNERS

DEAR = Costs(false_positive=3.0, false_negative=1.0)


def run(fake: object, place: Path, plan: Training | None = None, require: Require | None = None) -> Trained:
    return train(
        fake,
        fake.truth,
        fake.split(),
        plan=plan or Training(search=Search(trials=3, folds=3)),
        costs=DEAR,
        require=require or Require(),
        trials=TrialLog(place / "trials.jsonl"),
        learners=Catalogue("learner", LEARNERS),
        progress=Silent(),
    )


def content(trained: Trained, place: Path) -> str:
    place.mkdir()
    spec = trained.scorer.save(place)
    return sha256_tree(place)[0] + repr((spec, trained.calibrator.spec(), trained.threshold, trained.params))


@pytest.fixture(scope="module")
def trained(make_fake: Callable[..., object], tmp_path_factory: pytest.TempPathFactory) -> tuple[object, Trained]:
    fake = make_fake()
    return fake, run(fake, tmp_path_factory.mktemp("trained"))


def test_the_same_seed_gives_the_same_bytes(trained: tuple[object, Trained], tmp_path: Path) -> None:
    fake, first = trained
    assert content(first, tmp_path / "a") == content(run(fake, tmp_path), tmp_path / "b")


def test_out_of_fold_scores_cover_the_training_rows_and_no_others(trained: tuple[object, Trained]) -> None:
    fake, model = trained
    assert model.oof.rows.tolist() == fake.split().train.tolist()
    assert model.oof.truth.tolist() == fake.truth[fake.split().train].tolist()
    assert (model.oof.decision == (model.oof.probability >= model.threshold)).all()
    assert model.oof.threshold == model.threshold == pytest.approx(0.75)
    assert model.oof.probability.mean() == pytest.approx(model.oof.truth.mean(), abs=0.03)


def test_labels_of_the_test_part_change_nothing(
    trained: tuple[object, Trained], make_fake: Callable[..., object], tmp_path: Path
) -> None:
    other = make_fake()
    other.truth[other.split().test] ^= 1
    assert content(run(other, tmp_path), tmp_path / "a") == content(trained[1], tmp_path / "b")


def test_the_model_beats_its_baselines(trained: tuple[object, Trained]) -> None:
    fake, model = trained
    test = fake.split().test
    encoded = fake.encode(model.steps, test)
    right = ((model.calibrator(model.scorer.score(encoded)) >= 0.5) == fake.truth[test]).mean()
    assert model.baselines["majority"].rows.tolist() == test.tolist()
    assert set(model.baselines["majority"].decision) == {0}
    for name in ("majority", "simple"):
        baseline = model.baselines[name]
        assert ((baseline.probability >= 0.5) == baseline.truth).mean() < right


def test_notes_say_why(trained: tuple[object, Trained]) -> None:
    notes = {finding.check: finding for finding in trained[1].findings}
    assert set(notes) == {
        "performance.search", "performance.choice", "performance.calibration_fit", "performance.threshold"
    }  # fmt: skip
    assert not any(note.blocks for note in notes.values())
    assert "0.750" in notes["performance.threshold"].summary


def test_bars_move_the_threshold(trained: tuple[object, Trained], tmp_path: Path) -> None:
    fake, model = trained
    bar = Require(metrics={"false_positive_rate": parse_limit("<= 0.005", at="point")})
    assert run(fake, tmp_path, require=bar).threshold > model.threshold


def test_a_table_without_text_can_be_learnt(make_fake: Callable[..., object], tmp_path: Path) -> None:
    model = run(make_fake(words=0), tmp_path)
    assert np.isfinite(model.oof.probability).all()


def test_words_alone_can_be_learnt(make_fake: Callable[..., object], tmp_path: Path) -> None:
    model = run(make_fake(columns=0), tmp_path)
    assert np.isfinite(model.baselines["simple"].probability).all()


def test_nothing_to_learn_from_is_refused(make_fake: Callable[..., object], tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no feature is left"):
        run(make_fake(columns=0, words=0), tmp_path)


def test_one_class_is_refused(make_fake: Callable[..., object], tmp_path: Path) -> None:
    fake = make_fake()
    fake.truth[:] = 0
    with pytest.raises(TrainingError, match="one class"):
        run(fake, tmp_path)


def test_a_learner_nobody_knows_is_refused_with_the_nearest(make_fake: Callable[..., object], tmp_path: Path) -> None:
    with pytest.raises(RoadworthyError, match="random_forest"):
        run(make_fake(), tmp_path, plan=Training(learners=("random_forrest",)))


def test_infinite_values_are_refused_by_name(make_fake: Callable[..., object], tmp_path: Path) -> None:
    fake = make_fake()
    fake.dense[3, 2] = np.inf
    with pytest.raises(TrainingError, match="where: c2"):
        run(fake, tmp_path)


def test_a_column_that_is_always_missing_does_no_harm(make_fake: Callable[..., object], tmp_path: Path) -> None:
    fake = make_fake()
    fake.dense[:, 1] = np.nan
    assert np.isfinite(run(fake, tmp_path).oof.probability).all()
