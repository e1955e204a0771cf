"""Alarms that keep their budget: one e-detector per monitor, read from window counts alone.

With a budget of k false alarms in n windows and m monitors, each monitor alarms at evidence m n / k: on average at
least n / k windows pass before any of them cries in vain, and of runs of T windows at most a share T k / n sees any.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.declare.monitoring import FalseAlarms
from roadworthy.measures.evalues import ages, log_bernoulli_evidence, log_dirichlet_evidence

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Track(Struct, frozen=True, kw_only=True):
    """What a monitor saw over the windows it judged.

    Attributes:
        log_threshold: of the alarm. log_evidence: now.
        back: how many windows back the evidence is strongest now, the present one included.
        raised: position of the first window at which the alarm stood; None if it never did.
        since: position of the window at which the change had begun by then.
    """

    log_threshold: float
    log_evidence: float
    back: int
    raised: int | None = None
    since: int | None = None

    @property
    def stands(self) -> bool:
        """Whether the evidence is above the threshold now."""
        return self.log_evidence >= self.log_threshold

    @property
    def gone(self) -> bool:
        """Whether no evidence is left, so that an alarm raised earlier may end."""
        return self.log_evidence < math.log(max(self.back, 2))

    @property
    def shown(self) -> str:
        """Evidence against threshold, for a sentence."""
        return f"evidence {_power(self.log_evidence)} to 1, alarm at {_power(self.log_threshold)}"


def log_threshold(budget: FalseAlarms, *, monitors: int) -> float:
    """Where each of some monitors must alarm so that all together keep the budget.

    >>> round(math.exp(log_threshold(FalseAlarms(count=1, windows=1000), monitors=4)))
    4000
    """
    return math.log(monitors * budget.windows / max(budget.count, 1e-9))


def follow(evidence: Callable[[int], Floats], positions: Sequence[int], *, threshold: float) -> Track:
    """Run a monitor over windows.

    Args:
        evidence: position of a window to the log e-values of the last 1, 2, 4, ... windows up to it.
        positions: windows to judge, oldest first, at least one; the last is the present.
        threshold: log of the detector at which it alarms.
    """
    raised = since = None
    by_age = np.zeros(1)
    for position in positions:
        by_age = evidence(position)
        if raised is None and _detector(by_age) >= threshold:
            raised, since = position, position - _strongest(by_age, position) + 1
    return Track(
        log_threshold=threshold,
        log_evidence=_detector(by_age),
        back=_strongest(by_age, positions[-1]),
        raised=raised,
        since=since,
    )


def bins_evidence(reference: Sequence[int], counts: Ints, position: int) -> Floats:
    """Log e-values of the last 1, 2, 4, ... windows up to `position`; counts are (windows, bins)."""
    return log_dirichlet_evidence(np.asarray(reference), looking_back(counts, position))


def rate_evidence(hits: Ints, trials: Ints, position: int, *, bound: float) -> Floats:
    """Log e-values that a rate was above `bound` over the last 1, 2, 4, ... windows up to `position`."""
    pairs = looking_back(np.stack([hits, trials], axis=-1), position)
    return np.array([log_bernoulli_evidence(int(hit), int(tried), bound=bound) for hit, tried in pairs])


def looking_back(counts: Ints, position: int) -> Ints:
    """Sums over the last 1, 2, 4, ... windows up to `position`: (windows, ...) to (ages, ...)."""
    total = np.cumsum(counts[: position + 1][::-1], axis=0)
    return np.asarray(total[np.asarray(ages(position + 1)) - 1])


def _detector(by_age: Floats) -> float:
    return float(np.logaddexp.reduce(by_age))


def _strongest(by_age: Floats, position: int) -> int:
    return ages(position + 1)[int(np.argmax(by_age))]


def _power(log: float) -> str:
    return f"{math.exp(log):,.3g}" if log < math.log(1e5) else f"10^{min(log / math.log(10), 999):.0f}"
