"""Raw scores turned into probabilities that mean what they say. Three monotone shapes, all plain numbers."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from msgspec import Struct, convert, to_builtins
from numpy.typing import NDArray

from roadworthy.kernel.errors import BundleError


class Calibrator(Protocol):
    """A frozen, monotone map from raw score to probability."""

    def __call__(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities in [0, 1], (rows,)."""

    def spec(self) -> dict[str, Any]:
        """JSON-able numbers for `load_calibrator`."""


class Platt(Struct, frozen=True, kw_only=True, tag_field="kind", tag="platt"):
    """A logistic curve of the score. Source: Platt (1999), Advances in Large Margin Classifiers, 61-74.

    >>> Platt(slope=1.0, intercept=0.0)(np.array([0.0])).tolist()
    [0.5]
    """

    slope: float
    intercept: float

    def __call__(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities."""
        return sigmoid(self.slope * scores + self.intercept)

    def spec(self) -> dict[str, Any]:
        """JSON-able numbers."""
        return dict(to_builtins(self))


class Beta(Struct, frozen=True, kw_only=True, tag_field="kind", tag="beta"):
    """A logistic curve with another slope on either side. Source: Kull, Silva Filho, Flach (2017), AISTATS.

    `low` stretches log p and `high` stretches -log(1 - p), where p is the logistic curve of the raw score.
    """

    low: float
    high: float
    intercept: float

    def __call__(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities."""
        inside = self.low * -np.logaddexp(0.0, -scores) + self.high * np.logaddexp(0.0, scores) + self.intercept
        return sigmoid(np.asarray(inside, dtype=np.float64))

    def spec(self) -> dict[str, Any]:
        """JSON-able numbers."""
        return dict(to_builtins(self))


class Isotonic(Struct, frozen=True, kw_only=True, tag_field="kind", tag="isotonic"):
    """Straight lines between knots; level outside them. Source: Zadrozny and Elkan (2002), KDD."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __call__(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities."""
        return np.interp(scores, self.scores, self.probabilities)

    def spec(self) -> dict[str, Any]:
        """JSON-able numbers."""
        return dict(to_builtins(self))


def load_calibrator(spec: Mapping[str, Any]) -> Calibrator:
    """The calibrator of that spec.

    Raises:
        BundleError: if the spec is none of ours.

    >>> load_calibrator(Platt(slope=2.0, intercept=1.0).spec())
    Platt(slope=2.0, intercept=1.0)
    """
    try:
        calibrator: Calibrator = convert(dict(spec), Platt | Beta | Isotonic)
    except ValueError as err:
        raise BundleError(
            f"the calibrator cannot be read: {err}",
            where="calibrator",
            fix="read the bundle with the version of roadworthy that wrote it",
        ) from err
    return calibrator


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)) without overflow.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.exp(-np.logaddexp(0.0, -values))
