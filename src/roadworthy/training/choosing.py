"""The last choice: the best of one family, or a blend of several."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.declare.problem import Costs
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.training.logit import fit_logit, weighted_log_loss
from roadworthy.training.objective import cost_weights

_AS_GOOD = 0.01
"""A blend must lower the loss of a simpler candidate by this share, or the simpler one is taken."""
_RIDGE = 1.0


class Blend(Struct, frozen=True, kw_only=True, eq=False):
    """Families, and how their scores are added.

    Attributes:
        families: names, at least one. weights: of each, at least 0. intercept: added to the sum.
        scores: out-of-fold score of every training row under the sum.
        losses: cross-validated, cost-weighted log loss of every candidate that was compared.
    """

    families: tuple[str, ...]
    weights: tuple[float, ...]
    intercept: float
    scores: NDArray[np.float64]
    losses: dict[str, float]


def choose_blend(
    scores: Mapping[str, NDArray[np.float64]], truth: NDArray[np.int8], *, fold: NDArray[np.int64], costs: Costs
) -> Blend:
    """The candidate of least cost-weighted log loss, fitted on all folds but the one that it is judged on.

    Args:
        scores: family name to the out-of-fold scores of its best trial.
        truth, fold: of the same rows.
    """
    weights = cost_weights(truth, costs)
    losses = {
        names: _loss(np.column_stack([scores[name] for name in names]), truth, fold, weights)
        for names in _subsets(list(scores))
    }
    least = min(losses.values())
    chosen = next(names for names in _by_size(losses) if losses[names] <= least * (1 + _AS_GOOD))
    named = {" + ".join(names): loss for names, loss in losses.items()}
    if len(chosen) == 1:
        only = scores[chosen[0]]
        return Blend(families=chosen, weights=(1.0,), intercept=0.0, scores=only, losses=named)
    columns = np.column_stack([scores[name] for name in chosen])
    *slopes, intercept = (float(v) for v in fit_logit(columns, truth.astype(float), weights=weights, ridge=_RIDGE))
    summed = columns @ np.array(slopes) + intercept
    return Blend(families=chosen, weights=tuple(slopes), intercept=intercept, scores=summed, losses=named)


def choice_finding(blend: Blend) -> Finding:
    """Which candidate was taken, and how the others did."""
    name = " + ".join(blend.families)
    return Finding(
        check="performance.choice",
        subject=name,
        verdict=Verdict.PASS,
        severity=Severity.NOTE,
        measured=blend.losses[name],
        unit="nats, weighted by cost",
        summary=f"{name} has an out-of-fold log loss of {blend.losses[name]:.4f}, weighted by cost; "
        f"the best of {len(blend.losses)} candidates, or as good and simpler",
        evidence={"losses": {key: round(value, 6) for key, value in blend.losses.items()}},
    )


def _subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    return [subset for size in range(1, len(names) + 1) for subset in combinations(names, size)]


def _by_size(losses: Mapping[tuple[str, ...], float]) -> list[tuple[str, ...]]:
    return sorted(losses, key=lambda names: (len(names), losses[names]))


def _loss(
    columns: NDArray[np.float64], truth: NDArray[np.int8], fold: NDArray[np.int64], weights: NDArray[np.float64]
) -> float:
    target, log_odds = truth.astype(np.float64), np.empty(len(truth))
    for number in np.unique(fold):
        held = fold == number
        *slopes, intercept = fit_logit(columns[~held], target[~held], weights=weights[~held], ridge=_RIDGE)
        log_odds[held] = columns[held] @ np.array(slopes) + intercept
    return weighted_log_loss(log_odds, target, weights)
