"""Which predictions people should look at, and why. The draw is by hash of the id, so it can be repeated.

Each item carries its inclusion probability, so that labels of a risk-driven queue can still be weighed to stand for
all predictions (Horvitz and Thompson 1952, J. Am. Stat. Assoc. 47:663-685).
"""

import hashlib
import math
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from msgspec import Struct

from roadworthy.bundle.predictions import PredictionRecord
from roadworthy.monitoring.reference import Reference
from roadworthy.monitoring.windows import State

AUDIT = "random audit"
NEAR_THRESHOLD = "near the threshold"
UNFAMILIAR = "values that the reference hardly held"
DISAGREEMENT = "the label says otherwise"
CONFIDENT_AND_WRONG = "confident and wrong"

CHANCE = {AUDIT: 0.005, NEAR_THRESHOLD: 0.25, UNFAMILIAR: 0.1, DISAGREEMENT: 1.0, CONFIDENT_AND_WRONG: 1.0}
"""Chance of being drawn for each reason; with several reasons the largest holds."""

_URGENCY = (CONFIDENT_AND_WRONG, DISAGREEMENT, NEAR_THRESHOLD, UNFAMILIAR, AUDIT)

_NEAR = 0.5
_SURE = 0.95


class ReviewItem(Struct, frozen=True, kw_only=True):
    """One prediction for people to look at.

    Attributes:
        id, version, key: of the prediction. at: when it was answered, Unix seconds.
        probability, decision: what the model said. label: what came back, True is positive, None if nothing yet.
        reasons: why it was drawn, most urgent first; unfamiliar: features with values that the reference hardly held.
        inclusion: chance with which such a prediction is drawn, in (0, 1].
    """

    id: str
    version: str
    key: str
    at: float
    probability: float
    decision: int
    reasons: tuple[str, ...]
    inclusion: float
    label: bool | None = None
    unfamiliar: tuple[str, ...] = ()


def draw_reviews(
    reference: Reference,
    state: State,
    *,
    fresh: Sequence[PredictionRecord],
    relabelled: Iterable[str],
    version: str,
    most: int = 200,
) -> list[ReviewItem]:
    """Items among predictions that are new, or whose label is; most urgent first.

    Args:
        fresh: predictions seen for the first time. relabelled: ids whose label is new or changed.
        most: items wanted on average at most; with more candidates all chances shrink by one factor.
    """
    strange = _unfamiliar(reference, fresh)
    candidates = [_new(reference, record, features) for record, features in zip(fresh, strange, strict=True)]
    candidates += _contradicted(state, set(relabelled), version)
    expected = sum(item.inclusion for item in candidates)
    factor = min(1.0, most / expected) if expected else 1.0
    drawn = [
        msgspec.structs.replace(item, inclusion=item.inclusion * factor)
        for item in candidates
        if _uniform(item.id) < item.inclusion * factor
    ]
    return sorted(drawn, key=lambda item: (_URGENCY.index(item.reasons[0]), item.at, item.id))


def _new(reference: Reference, record: PredictionRecord, unfamiliar: Sequence[str]) -> ReviewItem:
    reasons = _reasons(reference, record.probability, unfamiliar)
    return ReviewItem(
        id=record.id,
        version=record.version,
        key=record.key,
        at=record.at,
        probability=record.probability,
        decision=record.decision,
        reasons=tuple(reasons),
        inclusion=max(CHANCE[reason] for reason in reasons),
        unfamiliar=tuple(unfamiliar),
    )


def _reasons(reference: Reference, probability: float, unfamiliar: Sequence[str]) -> list[str]:
    distance = abs(_log_odds(probability) - _log_odds(reference.threshold))
    found = [NEAR_THRESHOLD] if distance <= _NEAR else []
    return [*found, *([UNFAMILIAR] if unfamiliar else []), AUDIT]


def _unfamiliar(reference: Reference, fresh: Sequence[PredictionRecord]) -> list[list[str]]:
    """Per record, the features whose value lies in a bin that hardly a reference row fell into."""
    found: list[list[str]] = [[] for _ in fresh]
    if not fresh:
        return found
    dense = np.array([record.features for record in fresh], dtype=np.float32).reshape(len(fresh), -1)
    for name, feature, column in zip(reference.names, reference.features, dense.T, strict=True):
        for row in np.flatnonzero(feature.unfamiliar(feature.place(column))):
            found[row].append(name)
    return found


def _contradicted(state: State, relabelled: set[str], version: str) -> list[ReviewItem]:
    """Predictions whose label says otherwise."""
    items = []
    for window in state.of(version):
        for name in sorted(relabelled & window.answers.keys()):
            answer = window.answers[name]
            label = answer.labels[-1].positive
            if label == bool(answer.decision):
                continue
            claimed = answer.probability if answer.decision else 1 - answer.probability
            reasons = (CONFIDENT_AND_WRONG, DISAGREEMENT) if claimed >= _SURE else (DISAGREEMENT,)
            items.append(
                ReviewItem(
                    id=name,
                    version=version,
                    key=answer.key,
                    at=window.start,
                    probability=answer.probability,
                    decision=answer.decision,
                    reasons=reasons,
                    inclusion=1.0,
                    label=label,
                )
            )
    return items


def _uniform(name: str) -> float:
    """A number in [0, 1) that belongs to a prediction for ever."""
    return int.from_bytes(hashlib.sha256(f"review|{name}".encode()).digest()[:8], "big") / 2**64


def _log_odds(probability: float) -> float:
    inside = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))
