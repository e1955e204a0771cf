"""The search: same seed, same trials; killed and taken up again, the same; budget and halving."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from roadworthy.declare.problem import Costs
from roadworthy.declare.training import Search, Training
from roadworthy.kernel.errors import TrainingError
from roadworthy.kernel.ports import Silent
from roadworthy.kernel.records import Trial
from roadworthy.kernel.units import parse_duration
from roadworthy.training.cross_validation import CrossValidation
from roadworthy.training.folds import fold_numbers
from roadworthy.training.learners.logistic_regression import LogisticRegression
from roadworthy.training.learners.random_forest import RandomForest
from roadworthy.training.search import best_of_each, search, search_finding
from roadworthy.training.trials import TrialLog

PLAN = Training(search=Search(trials=12, folds=3), seed=7)
LEARNERS = [LogisticRegression()]


class KilledError(Exception):
    """Raised where a test kills the search."""


class KillingLog(TrialLog):
    """A log whose search dies before the trial of that number is written."""

    def __init__(self, path: Path, at: int) -> None:
        super().__init__(path)
        self.at = at

    def add(self, trial: Trial) -> None:
        if trial.number == self.at:
            raise KilledError
        super().add(trial)


@pytest.fixture(scope="module")
def folds(make_fake: Callable[..., object]) -> CrossValidation:
    fake = make_fake()
    train = fake.split().train
    fold = fold_numbers(fake.truth[train], fake.group[train], folds=3, seed=7)
    return CrossValidation(fake, fake.truth, train, fold=fold, seed=7, progress=Silent())


def run(folds: CrossValidation, log: TrialLog, plan: Training = PLAN, learners: list = LEARNERS) -> list[Trial]:
    return search(folds, learners, plan=plan, costs=Costs(), trials=log, progress=Silent())


def timeless(trials: list[Trial]) -> list[Trial]:
    return [msgspec.structs.replace(trial, seconds=0.0) for trial in trials]


def test_a_killed_search_ends_as_an_unbroken_one(folds: CrossValidation, tmp_path: Path) -> None:
    unbroken = run(folds, TrialLog(tmp_path / "a"))
    for at in (2, 7):
        with pytest.raises(KilledError):
            run(folds, KillingLog(tmp_path / "b", at))
    with (tmp_path / "b").open("ab") as torn:
        torn.write(b'{"number": 7, "lear')
    assert timeless(run(folds, TrialLog(tmp_path / "b"))) == timeless(unbroken)
    assert len({trial.state for trial in unbroken}) > 1


def test_a_finished_search_is_read_not_repeated(folds: CrossValidation, tmp_path: Path) -> None:
    done = run(folds, TrialLog(tmp_path / "a"))
    assert run(folds, TrialLog(tmp_path / "a")) == done


def test_a_wider_search_keeps_what_it_has(folds: CrossValidation, tmp_path: Path) -> None:
    few = run(folds, TrialLog(tmp_path / "a"), Training(search=Search(trials=4, folds=3), seed=7))
    assert run(folds, TrialLog(tmp_path / "a"))[:4] == few


def test_other_costs_are_another_search(folds: CrossValidation, tmp_path: Path) -> None:
    log, plan = TrialLog(tmp_path / "a"), Training(search=Search(trials=2, folds=3), seed=7)
    first = run(folds, log, plan)
    costly = search(folds, LEARNERS, plan=plan, costs=Costs(false_positive=10.0), trials=log, progress=Silent())
    assert first[0].score != costly[0].score


def test_no_settings_are_tried_twice_until_all_were(make_fake: Callable[..., object], tmp_path: Path) -> None:
    fake = make_fake(words=0, rows=120)
    train = fake.split().train
    fold = fold_numbers(fake.truth[train], fake.group[train], folds=3, seed=7)
    folds = CrossValidation(fake, fake.truth, train, fold=fold, seed=7, progress=Silent())
    done = run(folds, TrialLog(tmp_path / "a"))
    first, rest = done[:10], done[10:]
    assert len({trial.params["strength"] for trial in first}) == 10
    assert {trial.state for trial in rest} == {"repeated"}


def test_the_budget_ends_the_search_and_the_note_says_so(folds: CrossValidation, tmp_path: Path) -> None:
    hurried = Training(search=Search(trials=12, folds=3, budget=parse_duration("1ms")), seed=7)
    done = run(folds, TrialLog(tmp_path / "a"), hurried)
    assert len(done) == 1
    assert run(folds, TrialLog(tmp_path / "a"), hurried) == done
    note = search_finding(done, hurried.search)
    assert "1 of 12 trials" in note.summary
    assert not note.blocks


def test_families_take_turns_and_each_has_a_best(folds: CrossValidation, tmp_path: Path) -> None:
    plan = Training(search=Search(trials=4, folds=3), seed=7)
    done = run(folds, TrialLog(tmp_path / "a"), plan, [LogisticRegression(), RandomForest()])
    assert [trial.learner for trial in done] == ["logistic_regression", "random_forest"] * 2
    best = best_of_each(done)
    assert list(best) == ["logistic_regression", "random_forest"]
    assert all(best[trial.learner].score >= trial.score for trial in done if trial.state == "complete")


def test_steps_are_fitted_once_a_fold(make_fake: Callable[..., object], tmp_path: Path) -> None:
    fake = make_fake()
    train = fake.split().train
    fold = fold_numbers(fake.truth[train], fake.group[train], folds=3, seed=7)
    folds = CrossValidation(fake, fake.truth, train, fold=fold, seed=7, progress=Silent())
    run(folds, TrialLog(tmp_path / "a"))
    assert fake.fits == 3


def test_no_trials_are_refused(folds: CrossValidation, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no trial"):
        run(folds, TrialLog(tmp_path / "a"), Training(search=Search(trials=0, folds=3)))


def test_kept_scores_are_those_that_would_be_made_again(make_fake: Callable[..., object], tmp_path: Path) -> None:
    fake = make_fake()
    train = fake.split().train
    fold = fold_numbers(fake.truth[train], fake.group[train], folds=3, seed=7)
    fresh, used = (CrossValidation(fake, fake.truth, train, fold=fold, seed=7, progress=Silent()) for _ in range(2))
    best = best_of_each(run(used, TrialLog(tmp_path / "a")))["logistic_regression"]
    kept = used.out_of_fold(LEARNERS[0], best.params)
    assert kept is used.out_of_fold(LEARNERS[0], best.params)
    assert kept.tolist() == fresh.out_of_fold(LEARNERS[0], best.params).tolist()
