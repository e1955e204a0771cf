"""From encoded rows to a model that is ready to be written: search, choice, calibration, threshold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from roadworthy.bundle.calibrator import Calibrator
from roadworthy.bundle.encoded import Design, Steps
from roadworthy.bundle.scorers import BlendScorer, SavedScorer
from roadworthy.declare.problem import Costs
from roadworthy.declare.requirements import Require
from roadworthy.declare.training import Training
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.ports import Progress
from roadworthy.kernel.records import Scored, Split, Trial
from roadworthy.training.baselines import majority, scored, simple
from roadworthy.training.calibration import Chosen, choose_calibration
from roadworthy.training.choosing import Blend, choice_finding, choose_blend
from roadworthy.training.cross_validation import CrossValidation
from roadworthy.training.folds import fold_numbers
from roadworthy.training.learners.learner import Learner
from roadworthy.training.search import best_of_each, search, search_finding
from roadworthy.training.thresholds import choose_threshold
from roadworthy.training.trials import TrialLog


class Trained(Struct, frozen=True, kw_only=True, eq=False):
    """A model ready to be written into a bundle, and how it came about.

    Attributes:
        learner: the family, or the families of a blend joined by ` + `.
        params: family name to its settings and its weight in the sum.
        steps: fitted on all training rows. scorer: in open formats.
        calibrator, threshold: from out-of-fold scores of training rows.
        trials: the whole search. oof: training rows scored by models that did not see them.
        baselines: `majority` and `simple`, on the rows of the test part.
        findings: notes on search, choice, calibration and threshold.
    """

    learner: str
    params: dict[str, Any]
    steps: Steps
    scorer: SavedScorer
    calibrator: Calibrator
    threshold: float
    trials: list[Trial]
    oof: Scored
    baselines: dict[str, Scored]
    findings: list[Finding]


def train(  # noqa: PLR0913  # the whole of what is declared meets here, and nowhere else
    design: Design,
    truth: NDArray[np.int8],
    split: Split,
    *,
    plan: Training,
    costs: Costs,
    require: Require,
    trials: TrialLog,
    learners: Catalogue[type[Learner]],
    progress: Progress,
) -> Trained:
    """Find a model on the training rows alone. The test rows are only encoded, for the baselines to answer on.

    Args:
        design: the whole table. truth: int8, of every row of the table.
        trials: the search's memory; with it, a killed search goes on where it was.
        learners: the families by name.

    Raises:
        TrainingError: if there are not enough rows of both classes, or no model can be released faithfully.
    """
    # One thread: on shared cores the libraries' threads wait for each other, and sums may depend on their number.
    with threadpool_limits(1):
        fold = fold_numbers(truth[split.train], split.group[split.train], folds=plan.search.folds, seed=plan.seed)
        folds = CrossValidation(design, truth, split.train, fold=fold, seed=plan.seed, progress=progress)
        families = {name: learners[name]() for name in plan.learners}
        done = search(folds, list(families.values()), plan=plan, costs=costs, trials=trials, progress=progress)
        best = best_of_each(done)
        progress.begin("fit the model", 3)
        oof = {name: folds.out_of_fold(families[name], trial.params) for name, trial in best.items()}
        blend = choose_blend(oof, folds.truth, fold=fold, costs=costs)
        progress.advance(note="chosen: " + " + ".join(blend.families))
        calibration = choose_calibration(blend.scores, folds.truth, fold)
        probability = calibration.calibrator(blend.scores)
        line = choose_threshold(folds.truth, probability, costs=costs, metrics=require.metrics)
        scorer = _release(folds, blend, [(families[name], best[name]) for name in blend.families])
        progress.advance(note=f"released, threshold {line.threshold:.3f}")
        baselines = _baselines(folds, rows=split.test, truth=truth[split.test], costs=costs, require=require)
        progress.advance(note="baselines")
        progress.end()
    return Trained(
        learner=" + ".join(blend.families),
        params=_params(blend, best),
        steps=folds.whole.steps,
        scorer=scorer,
        calibrator=calibration.calibrator,
        threshold=line.threshold,
        trials=done,
        oof=scored(split.train, folds.truth, probability, threshold=line.threshold),
        baselines=baselines,
        findings=[search_finding(done, plan.search), choice_finding(blend), _calibration(calibration), line.finding],
    )


def _baselines(
    folds: CrossValidation, *, rows: NDArray[np.int64], truth: NDArray[np.int8], costs: Costs, require: Require
) -> dict[str, Scored]:
    return {
        "majority": majority(folds, rows=rows, truth=truth),
        "simple": simple(folds, rows=rows, truth=truth, costs=costs, require=require),
    }


def _release(folds: CrossValidation, blend: Blend, members: Sequence[tuple[Learner, Trial]]) -> SavedScorer:
    """Each member fitted on all training rows and brought into open formats."""
    examples, parts = folds.examples(), []
    for learner, trial in members:
        fitted = learner.fit(examples, trial.params, seed=folds.seed)
        parts.append((learner.name, learner.release(fitted, probe=examples.encoded)))
    if len(parts) == 1:
        return parts[0][1]
    return BlendScorer(parts=tuple(parts), weights=blend.weights, intercept=blend.intercept)


def _params(blend: Blend, best: dict[str, Trial]) -> dict[str, Any]:
    return {
        name: {"weight": weight, "trial": best[name].number, **best[name].params}
        for name, weight in zip(blend.families, blend.weights, strict=True)
    }


def _calibration(chosen: Chosen) -> Finding:
    loss = chosen.losses[chosen.shape]
    return Finding(
        check="performance.calibration_fit",
        subject="training",
        verdict=Verdict.PASS,
        severity=Severity.NOTE,
        measured=loss,
        unit="nats",
        summary=f"scores become probabilities by the {chosen.shape} map; its out-of-fold log loss is {loss:.4f}",
        evidence={"losses": {name: round(value, 6) for name, value in chosen.losses.items()}},
    )
