"""The search: trials shared over the families, judged fold by fold, hopeless ones dropped early."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray

from roadworthy.declare.problem import Costs
from roadworthy.declare.training import Search, Training
from roadworthy.kernel.errors import TrainingError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.fingerprint import fingerprint
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.ports import Progress
from roadworthy.kernel.records import Trial
from roadworthy.training.cross_validation import CrossValidation
from roadworthy.training.learners.learner import Learner
from roadworthy.training.objective import skill
from roadworthy.training.proposing import propose
from roadworthy.training.trials import TrialLog

_RUNGS = (1, 2)
"""After so many folds a trial must be in the better half of its family to go on (asynchronous successive halving,
Li et al. 2020, MLSys, with halves instead of thirds, since families have few trials)."""
_FEW = 3


def search(
    folds: CrossValidation,
    learners: Sequence[Learner],
    *,
    plan: Training,
    costs: Costs,
    trials: TrialLog,
    progress: Progress,
) -> list[Trial]:
    """All trials, in order. Families take turns; the first trial of each tries its starting point.

    The time budget counts the seconds that the log holds, so that a search which it stopped is not taken up again.

    Raises:
        TrainingError: if no trial could be finished.
    """
    done = trials.begin(_key(folds, learners, plan, costs))
    progress.begin("search", plan.search.trials)
    progress.advance(len(done), note="taken up again" if done else "")
    for number in range(len(done), plan.search.trials):
        if done and sum(trial.seconds for trial in done) >= plan.search.budget.seconds:
            break
        learner = learners[number % len(learners)]
        family = [trial for trial in done if trial.learner == learner.name]
        trial = _try(folds, learner, family, number=number, costs=costs)
        trials.add(trial)
        done.append(trial)
        best = max(trial.score for trial in done)
        progress.advance(note=f"{learner.name} {trial.score:.4f} ({trial.state}), best {best:.4f}")
    progress.end()
    if not done:
        raise TrainingError("no trial was asked for", where="[training] search.trials", fix="ask for at least one")
    return done


def best_of_each(done: Sequence[Trial]) -> dict[str, Trial]:
    """The best finished trial of each family; of equals, the earliest."""
    best: dict[str, Trial] = {}
    for trial in done:
        if trial.state == "complete" and (trial.learner not in best or trial.score > best[trial.learner].score):
            best[trial.learner] = trial
    return best


def search_finding(done: Sequence[Trial], plan: Search) -> Finding:
    """What was tried, and whether the time budget ended the search early."""
    counts = {state: sum(trial.state == state for trial in done) for state in ("complete", "pruned", "repeated")}
    short = len(done) < plan.trials
    told = f"{len(done)} of {plan.trials} trials" if short else f"all {plan.trials} trials"
    return Finding(
        check="performance.search",
        subject="training",
        verdict=Verdict.PASS,
        severity=Severity.NOTE,
        measured=float(len(done)),
        unit="trials",
        summary=f"{told} were made" + (f" before the budget of {plan.budget} was spent" if short else ""),
        evidence=counts | {"seconds": round(sum(trial.seconds for trial in done), 1)},
        remedy="raise search.budget to try all" if short else "",
    )


def _try(folds: CrossValidation, learner: Learner, family: Sequence[Trial], *, number: int, costs: Costs) -> Trial:
    begun = time.perf_counter()
    params, known = propose(learner, family, has_text=folds.has_text, seed=folds.seed, number=number)
    if known:
        return _trial(number, learner, params, scores=known.folds, begun=begun, state="repeated")
    scores: list[float] = []
    held: list[NDArray[np.float64]] = []
    for fold, part in enumerate(folds.parts):
        held.append(folds.held_scores(learner, params, number=fold))
        scores.append(skill(folds.truth[part.held], held[-1], costs))
        if fold + 1 < len(folds.parts) and _hopeless(scores, family):
            return _trial(number, learner, params, scores=scores, begun=begun, state="pruned")
    if all(np.mean(scores) > trial.score for trial in family if trial.state == "complete"):
        folds.keep(learner, params, held)
    return _trial(number, learner, params, scores=scores, begun=begun, state="complete")


def _hopeless(scores: Sequence[float], family: Sequence[Trial]) -> bool:
    """Whether the trial is in the worse half of those of its family that came as far."""
    if len(scores) not in _RUNGS:
        return False
    others = [np.mean(trial.folds[: len(scores)]) for trial in family if len(trial.folds) >= len(scores)]
    return len(others) >= _FEW and bool(np.mean(scores) < np.median(others))


def _trial(
    number: int, learner: Learner, params: dict[str, Any], *, scores: Sequence[float], begun: float, state: str
) -> Trial:
    return Trial(
        number=number,
        learner=learner.name,
        params=params,
        score=float(np.mean(scores)),
        folds=list(scores),
        seconds=time.perf_counter() - begun,
        state=state,
    )


def _key(folds: CrossValidation, learners: Sequence[Learner], plan: Training, costs: Costs) -> str:
    """Everything that a trial's result depends on; not how many trials are wanted, so that a search can be widened."""
    grids = {learner.name: learner.grid(has_text=folds.has_text) for learner in learners}
    known = {"data": folds.digest(), "seed": plan.seed, "costs": costs, "grids": grids, "sklearn": sklearn.__version__}
    return fingerprint(known | {"order": [learner.name for learner in learners]})
