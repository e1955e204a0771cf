"""Logistic regression over words and standardised dense columns, with a squared penalty."""

import warnings
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
import sklearn.linear_model
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from roadworthy.bundle.encoded import Csr, Encoded, Scorer
from roadworthy.bundle.scorers import LinearScorer, SavedScorer, Standard
from roadworthy.kernel.errors import TrainingError
from roadworthy.training.learners.learner import Choice, Examples, Learner, Params

_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
_ROUNDS = 300


class LogisticRegression(Learner):
    """`strength` is the inverse of the penalty; `dense` what a dense column counts beside a word (0: words alone)."""

    name: ClassVar[str] = "logistic_regression"

    def grid(self, *, has_text: bool) -> dict[str, Choice]:
        """Strength alone where there is no text."""
        if not has_text:
            return {"strength": Choice(_STRENGTHS, 1.0)}
        return {
            "strength": Choice(_STRENGTHS[3:], 30.0),
            "dense": Choice((0.0, 0.01, 0.03, 0.1, 0.3), 0.03),
        }

    def fit(self, examples: Examples, params: Params, *, seed: int) -> LinearScorer:
        """Dual coordinate descent where there is text (few rows, many words), else a quasi-Newton method."""
        return fit_linear(
            examples.encoded,
            examples.truth,
            strength=float(params["strength"]),
            dense_weight=float(params.get("dense", 1.0)),
            seed=seed,
        )

    def release(self, fitted: Scorer, *, probe: Encoded) -> SavedScorer:
        """The scorer itself: it is in an open format from the start."""
        if not isinstance(fitted, LinearScorer) or not np.isfinite(fitted.score(probe)).all():
            raise TrainingError(
                "the logistic regression gives scores that are no numbers",
                where="training.logistic_regression",
                fix="look for infinite values among the features",
            )
        return fitted


def fit_linear(
    encoded: Encoded, truth: NDArray[np.int8], *, strength: float, dense_weight: float, seed: int
) -> LinearScorer:
    """A linear model. With `dense_weight` 0 it reads the text block alone."""
    standard = standardise(encoded.dense)
    values, missing = standard.scaled(encoded.dense)
    flagged = np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0))
    block = np.hstack([values, missing[:, flagged]]) * dense_weight if dense_weight else np.zeros((len(truth), 0))
    if encoded.sparse is None:
        model = sklearn.linear_model.LogisticRegression(C=strength, max_iter=_ROUNDS, tol=1e-5)
        weights, intercept, width = *_fitted(model, block, truth), 0
    else:
        model = sklearn.linear_model.LogisticRegression(
            C=strength, solver="liblinear", dual=True, tol=0.01, max_iter=_ROUNDS, random_state=seed
        )
        words = matrix(encoded.sparse)
        table = sp.hstack([words, sp.csr_matrix(block)], format="csr") if block.shape[1] else words
        weights, intercept, width = *_fitted(model, table, truth), words.shape[1]
    dense, flags = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    if dense_weight:
        dense[:] = weights[width : width + len(dense)] * dense_weight
        flags[flagged] = weights[width + len(dense) :] * dense_weight
    # Weights of words are kept as float32 in the bundle, so the model is what these give from the start.
    sparse = weights[:width].astype(np.float32).astype(np.float64)
    return LinearScorer(intercept=intercept, sparse=sparse, standard=standard, dense=dense, missing=flags)


def standardise(dense: NDArray[np.float32]) -> Standard:
    """Mean and deviation of each column over the rows where it is known; a constant column is divided by 1."""
    known = ~np.isnan(dense)
    rows = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, dense, 0.0).astype(np.float64)
    centre = filled.sum(axis=0) / rows
    spread = np.sqrt((np.where(known, filled - centre, 0.0) ** 2).sum(axis=0) / rows)
    return Standard(centre=centre, divisor=np.where(spread > 1e-12, spread, 1.0))


def matrix(csr: Csr) -> sp.csr_matrix:
    """The same matrix as scipy holds it, in float64."""
    data = csr.data.astype(np.float64)
    return sp.csr_matrix((data, csr.indices, csr.indptr), shape=(len(csr.indptr) - 1, csr.width))


def _fitted(
    model: sklearn.linear_model.LogisticRegression, table: NDArray[np.float64] | sp.csr_matrix, truth: NDArray[np.int8]
) -> tuple[NDArray[np.float64], float]:
    if not table.shape[1]:
        share = truth.mean()
        return np.zeros(0), float(np.log(share / (1 - share)))
    with warnings.catch_warnings():
        # A fit that stops at its limit of rounds is judged by its out-of-fold score like any other.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(table, truth)
    return model.coef_[0].astype(np.float64), float(model.intercept_[0])
