"""Have the inputs or the answers moved away from what the model was released on?

An alarm needs evidence within the declared false-alarm budget. Whether it calls people depends on its effect: a shift
of fewer rows than `PAGES` is recorded as a note.
"""

import hashlib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.measures.evalues import conformal_detector, log_mean, name_by_evidence
from roadworthy.monitoring.evidence import Track, bins_evidence, follow
from roadworthy.monitoring.reference import FeatureBins, Reference
from roadworthy.monitoring.windows import Window

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PAGES = 0.10
"""Share of rows that must have moved before a drift is more than a note."""

_NAMED = 10
_FEWEST_ROWS = 20
_OLDEST_PAST = 12


class Shift(Struct, frozen=True, kw_only=True):
    """How one feature moved.

    Attributes:
        name: of the feature. moved: share of rows that moved to another bin, beyond chance, in [0, 1].
        log_e: log e-value. positives: by how much this alone changes the expected share of positives.
        bins: the bins that gained or lost most: `bin`, `reference` and `live` share.
    """

    name: str
    moved: float
    log_e: float
    positives: float
    bins: list[dict[str, Any]]


class InputDrift(Struct, frozen=True, kw_only=True):
    """All features together, and those that are named, by share of rows moved."""

    track: Track
    named: list[Shift]

    @property
    def moved(self) -> float:
        """Share of rows moved in the feature that moved most."""
        return max((shift.moved for shift in self.named), default=0.0)


class PredictionDrift(Struct, frozen=True, kw_only=True):
    """The probabilities that the model gives."""

    track: Track
    moved: float
    said_positive: float
    reference_positive: float


def input_drift(
    reference: Reference, windows: Sequence[Window], positions: Sequence[int], *, threshold: float
) -> InputDrift:
    """Judge the inputs of windows; the last position is the present."""
    counts = [
        np.array([window.features[place] for window in windows], dtype=np.int64)
        for place in range(len(reference.features))
    ]
    used = [place for place, feature in enumerate(reference.features) if sum(feature.counts)]

    def per_feature(position: int) -> Floats:
        return np.stack([bins_evidence(reference.features[p].counts, counts[p], position) for p in used])

    track = follow(lambda position: log_mean(per_feature(position)), positions, threshold=threshold)
    last = positions[-1]
    log_e = log_mean(per_feature(last), axis=1)
    recent = slice(last - track.back + 1, last + 1)
    named = [
        _shift(reference, used[i], counts[used[i]][recent].sum(axis=0), log_e=float(log_e[i]))
        for i in name_by_evidence(log_e.tolist())
    ]
    return InputDrift(track=track, named=sorted(named, key=lambda shift: -shift.moved))


def prediction_drift(
    reference: Reference, windows: Sequence[Window], positions: Sequence[int], *, threshold: float
) -> PredictionDrift:
    """Judge the probabilities of windows; the last position is the present."""
    counts = np.array([window.scores for window in windows], dtype=np.int64)
    track = follow(
        lambda position: bins_evidence(reference.score_rows, counts, position), positions, threshold=threshold
    )
    last = positions[-1]
    recent = slice(last - track.back + 1, last + 1)
    rows = sum(window.rows for window in windows[recent])
    cut = reference.score_edges.index(reference.threshold) + 1
    return PredictionDrift(
        track=track,
        moved=max(0.0, moved_share(np.asarray(reference.score_rows), counts[recent].sum(axis=0))),
        said_positive=sum(window.said_positive for window in windows[recent]) / max(rows, 1),
        reference_positive=sum(reference.score_rows[cut:]) / reference.rows,
    )


def change_in_production(
    reference: Reference, windows: Sequence[Window], positions: Sequence[int], *, threshold: float
) -> Track | None:
    """Whether the latest whole windows are stranger than the windows before them were.

    Each window is one number (how far its rows moved from the reference), ranked among its own past. So rows that
    hang together within a day do not alarm, and a production that always differed a little from the reference does
    not either. None until there are enough whole windows of at least 20 rows.

    Args:
        windows: whole windows only, oldest first.
    """
    usable = [place for place, window in enumerate(windows) if window.rows >= _FEWEST_ROWS]
    if len(usable) < _OLDEST_PAST:
        return None
    strange = [_strangeness(reference, windows[place]) for place in usable]
    log = conformal_detector(strange, draws=[_draw(windows[place]) for place in usable])
    judged = [k for k, place in enumerate(usable) if place in set(positions)] or [len(usable) - 1]
    over = [k for k in judged if log[k] >= threshold]
    return Track(
        log_threshold=threshold,
        log_evidence=float(log[-1]),
        back=1,
        raised=usable[over[0]] if over else None,
        since=usable[_began(log, over[0])] if over else None,
    )


def moved_share(reference: Ints, live: Ints) -> float:
    """Total variation between two counted samples, less what two samples of one source show on average.

    Returns:
        In [-1, 1]; about 0 when nothing moved, whatever the sample sizes.

    >>> round(moved_share(np.array([500, 500]), np.array([900, 100])), 2)
    0.38
    """
    rows, seen = int(reference.sum()), int(live.sum())
    if not rows or not seen:
        return 0.0
    share, now = reference / rows, live / seen
    both = (reference + live) / (rows + seen)
    chance = np.sqrt(2 / math.pi * both * (1 - both) * (1 / rows + 1 / seen)).sum() / 2
    return float(np.abs(now - share).sum() / 2 - chance)


def _shift(reference: Reference, place: int, live: Ints, *, log_e: float) -> Shift:
    feature = reference.features[place]
    counted = np.asarray(feature.counts)
    gap = live / live.sum() - counted / counted.sum()
    most = [int(k) for k in np.argsort(-np.abs(gap), kind="stable")[:3] if gap[k]]
    return Shift(
        name=reference.names[place],
        moved=max(0.0, moved_share(counted, live)),
        log_e=log_e,
        positives=float(gap @ np.asarray(feature.positives)),
        bins=[
            {
                "bin": _bin_name(feature, k),
                "reference": round(float(counted[k] / counted.sum()), 4),
                "live": round(float(live[k] / live.sum()), 4),
            }
            for k in most
        ],
    )


def _bin_name(feature: FeatureBins, place: int) -> str:
    if place == feature.bins - 1:
        return "missing"
    if feature.values:
        return f"{feature.values[place]:g}" if place < len(feature.values) else "any other value"
    if not feature.edges:
        return "any value"
    if place == 0:
        return f"below {feature.edges[0]:g}"
    if place == len(feature.edges):
        return f"{feature.edges[-1]:g} or more"
    return f"{feature.edges[place - 1]:g} to {feature.edges[place]:g}"


def _strangeness(reference: Reference, window: Window) -> float:
    moved = [
        moved_share(np.asarray(feature.counts), np.asarray(counts))
        for feature, counts in zip(reference.features, window.features, strict=True)
    ]
    return float(np.mean(moved)) if moved else 0.0


def _draw(window: Window) -> float:
    """A number in (0, 1) that is the same whenever this window is judged."""
    digest = hashlib.sha256(f"{window.version}|{window.start!r}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") + 0.5) / 2**64


def _began(log: Floats, alarm: int) -> int:
    """The window from which on the evidence only grew."""
    began = alarm
    while began > 0 and log[began - 1] < log[began] and log[began - 1] > 0:
        began -= 1
    return began


def gathered(shifts: Sequence[Shift]) -> list[dict[str, Any]]:
    """The named features as JSON, most moved first, at most ten."""
    return [
        {
            "feature": shift.name,
            "moved": round(shift.moved, 4),
            "expected_positive_share": round(shift.positives, 4),
            "bins": shift.bins,
        }
        for shift in shifts[:_NAMED]
    ]
