"""Trees over dense columns and the out-of-fold score of a linear text model: what forests and boosting share."""

from abc import abstractmethod
from typing import Any, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Encoded, Scorer
from roadworthy.bundle.scorers import LinearScorer, SavedScorer
from roadworthy.bundle.trees import Output, TreesScorer, log_odds, with_text
from roadworthy.kernel.errors import TrainingError
from roadworthy.training.learners.learner import Choice, Examples, Learner, Params
from roadworthy.training.learners.trees_onnx import Forest, write_onnx

_TEXT_STRENGTH = Choice((3.0, 10.0, 30.0, 100.0), 30.0)
_MOST_APART = 1e-3
"""In log-odds. Votes summed in float32 alone move a share near 0 or 1 by up to 0.0002."""


class Ensemble(Protocol):
    """Fitted trees."""

    def sums(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the trees give each row together; nan is allowed in every column."""

    def forest(self) -> Forest:
        """The trees as plain arrays."""


class FittedTrees(Struct, frozen=True, kw_only=True, eq=False):
    """Trees as the training library holds them, and the text model below them."""

    ensemble: Ensemble
    output: Output
    trees: int
    text: LinearScorer | None

    def score(self, encoded: Encoded) -> NDArray[np.float64]:
        """Log-odds of the positive class."""
        rows = with_text(encoded.dense, self.text.score(encoded) if self.text else None)
        return self.score_rows(rows)

    def score_rows(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log-odds where the text score is already the last column."""
        total = self.ensemble.sums(rows)
        return log_odds(total, self.trees) if self.output == "share" else total


class Stacked(Learner):
    """A learner of trees. The text block enters as one column: what a linear model says that did not see the row."""

    output: Output

    @abstractmethod
    def own_grid(self) -> dict[str, Choice]:
        """The settings of the trees."""

    @abstractmethod
    def grow(self, rows: NDArray[np.float32], truth: NDArray[np.int8], params: Params, *, seed: int) -> Any:
        """Fit the trees; an `Ensemble` with a count of its `trees`."""

    def grid(self, *, has_text: bool) -> dict[str, Choice]:
        """The settings of the trees, and of the text model if there is text."""
        return self.own_grid() | ({"text_strength": _TEXT_STRENGTH} if has_text else {})

    def fit(self, examples: Examples, params: Params, *, seed: int) -> FittedTrees:
        """Trees on the dense columns and the out-of-fold text score."""
        text, known = None, None
        if examples.texts is not None:
            strength = float(params["text_strength"])
            text, known = examples.texts.scorer(strength), examples.texts.out_of_fold(strength)
        rows = with_text(examples.encoded.dense, known)
        # The binning of scikit-learn fails on a column that is always missing; a constant is never split on.
        rows = np.where(np.isnan(rows).all(axis=0), np.float32(0.0), rows)
        ensemble = self.grow(rows, examples.truth, params, seed=seed)
        return FittedTrees(ensemble=ensemble, output=self.output, trees=ensemble.trees, text=text)

    def release(self, fitted: Scorer, *, probe: Encoded) -> SavedScorer:
        """The same trees in ONNX; refused if any row of the probe scores otherwise."""
        if not isinstance(fitted, FittedTrees):
            raise TypeError(f"{self.name} did not fit {type(fitted).__name__}")
        released = TreesScorer.of(
            write_onnx(fitted.ensemble.forest()), output=fitted.output, trees=fitted.trees, text=fitted.text
        )
        apart = np.abs(released.score(probe) - fitted.score(probe))
        worst = float(apart.max(initial=0.0))
        if not worst <= _MOST_APART:
            raise TrainingError(
                f"the released trees differ from the fitted ones by {worst:.3g} in log-odds",
                where=f"training.{self.name}",
                fix="report this with the versions of scikit-learn, onnx and onnxruntime; nothing was released",
            )
        return released
