"""Which settings to try next: Optuna's tree-structured Parzen estimator, asked anew for every trial.

Source: Bergstra et al. (2011), NeurIPS; Akiba et al. (2019), KDD. Each trial's study is rebuilt from the history and
its sampler seeded by the trial's number, so a search that was killed proposes what an uninterrupted one would have.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, IntDistribution
from optuna.trial import TrialState, create_trial

from roadworthy.kernel.fingerprint import canonical
from roadworthy.kernel.records import Trial
from roadworthy.training.learners.learner import Choice, Learner

_FIRST_AT_RANDOM = 4
_MOST_LISTED = 20_000


def propose(
    learner: Learner, history: Sequence[Trial], *, has_text: bool, seed: int, number: int
) -> tuple[dict[str, Any], Trial | None]:
    """Settings for trial `number`, and the earlier trial of the same settings where nothing untried is left.

    Args:
        history: this learner's trials so far, in order.
    """
    if not history:
        return learner.start(has_text=has_text), None
    grid = learner.grid(has_text=has_text)
    asked = _ask(grid, history, seed=int(np.random.SeedSequence([seed, number]).generate_state(1)[0]))
    tried = {canonical(trial.params): trial for trial in history}
    if canonical(asked) not in tried:
        return asked, None
    untried = _untried(grid, tried, np.random.default_rng([seed, number]))
    return (untried, None) if untried else (asked, tried[canonical(asked)])


def _ask(grid: Mapping[str, Choice], history: Sequence[Trial], *, seed: int) -> dict[str, Any]:
    """One draw. A setting is its place in the ordered options, so that neighbours inform each other."""
    places: dict[str, BaseDistribution] = {
        name: IntDistribution(0, len(choice.options) - 1) for name, choice in grid.items()
    }
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(n_startup_trials=_FIRST_AT_RANDOM, seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.add_trials([_frozen(trial, grid, places) for trial in history])
    asked = study.ask(places).params
    return {name: choice.options[asked[name]] for name, choice in grid.items()}


def _frozen(
    trial: Trial, grid: Mapping[str, Choice], places: Mapping[str, BaseDistribution]
) -> optuna.trial.FrozenTrial:
    pruned = trial.state == "pruned"
    return create_trial(
        state=TrialState.PRUNED if pruned else TrialState.COMPLETE,
        value=None if pruned else trial.score,
        params={name: choice.options.index(trial.params[name]) for name, choice in grid.items()},
        distributions=dict(places),
        intermediate_values={len(trial.folds): trial.score},
    )


def _untried(
    grid: Mapping[str, Choice], tried: Mapping[bytes, Trial], rng: np.random.Generator
) -> dict[str, Any] | None:
    """Settings at random that were not tried yet; None if there are none (or, on a huge grid, none was met)."""
    size = int(np.prod([len(choice.options) for choice in grid.values()]))
    if size <= _MOST_LISTED:
        every = [dict(zip(grid, values, strict=True)) for values in product(*(c.options for c in grid.values()))]
        left = [params for params in every if canonical(params) not in tried]
        return left[int(rng.integers(len(left)))] if left else None
    for _ in range(100):
        params = {name: choice.options[int(rng.integers(len(choice.options)))] for name, choice in grid.items()}
        if canonical(params) not in tried:
            return params
    return None
