"""What a learner family is.

Laws, held by every member (`tests/training/test_learners.py` runs them on all):

1. The same examples, params and seed give the same scores, whatever was fitted before.
2. A released scorer gives a row the same score alone and among others, before and after saving.
3. A released scorer agrees with the fitted one it was made from; where it cannot, `release` refuses.
4. A missing dense value (nan) is accepted in any column at any time, and gives a finite score.
5. A larger score means more positive: on examples that part cleanly the score orders them.
6. `grid` is finite, plain JSON, and holds its own starting point.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Encoded, Scorer
from roadworthy.bundle.scorers import LinearScorer, SavedScorer

Params = Mapping[str, Any]


class Choice(Struct, frozen=True):
    """The values a setting may take, in order, and the one to begin with."""

    options: tuple[float | int | str, ...]
    start: float | int | str


class Texts(Protocol):
    """Linear models of the text block alone, for learners that stack on top of one."""

    def out_of_fold(self, strength: float) -> NDArray[np.float64]:
        """Score of each example by a model that did not see it; `strength` is the inverse of the penalty."""

    def scorer(self, strength: float) -> LinearScorer:
        """The model of all examples, as it will answer for new rows."""


class Examples(Struct, frozen=True, kw_only=True, eq=False):
    """What is learnt from.

    Attributes:
        encoded: the rows. truth: int8, 1 is positive, both classes present.
        texts: models of the text block; None where the rows have no text.
    """

    encoded: Encoded
    truth: NDArray[np.int8]
    texts: Texts | None = None


class Learner(ABC):
    """A family of models. A member has no state of its own: settings come as `params`."""

    name: ClassVar[str]

    @abstractmethod
    def grid(self, *, has_text: bool) -> dict[str, Choice]:
        """The settings worth trying."""

    @abstractmethod
    def fit(self, examples: Examples, params: Params, *, seed: int) -> Scorer:
        """A model of the examples, as the training library holds it."""

    @abstractmethod
    def release(self, fitted: Scorer, *, probe: Encoded) -> SavedScorer:
        """The same model in open formats.

        Args:
            fitted: what `fit` gave. probe: rows on which both must agree.

        Raises:
            TrainingError: if they do not.
        """

    def start(self, *, has_text: bool) -> dict[str, Any]:
        """The settings to try first."""
        return {name: choice.start for name, choice in self.grid(has_text=has_text).items()}
