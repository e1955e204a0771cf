"""What a model must beat: saying always the commoner class, and a model of five numbers."""

import numpy as np
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Csr, Encoded
from roadworthy.bundle.scorers import LinearScorer
from roadworthy.declare.problem import Costs
from roadworthy.declare.requirements import Require
from roadworthy.kernel.records import Scored
from roadworthy.training.calibration import fit_platt
from roadworthy.training.cross_validation import CrossValidation
from roadworthy.training.learners.logistic_regression import fit_linear
from roadworthy.training.thresholds import choose_threshold

_FEW = 5


def majority(folds: CrossValidation, *, rows: NDArray[np.int64], truth: NDArray[np.int8]) -> Scored:
    """The commoner class of the training rows for every row, with its share as the probability.

    Args:
        rows, truth: of the test part.
    """
    share = float(folds.truth.mean())
    probability = np.full(len(rows), share)
    return scored(rows, truth, probability, threshold=0.5)


def simple(
    folds: CrossValidation, *, rows: NDArray[np.int64], truth: NDArray[np.int8], costs: Costs, require: Require
) -> Scored:
    """A plain logistic regression on the five dense columns that part the training rows best, or on words alone.

    Calibrated and thresholded as the model is, on out-of-fold scores of training rows.
    """
    columns = _best_columns(folds.whole.rows.dense, folds.truth)
    scores = np.empty(len(folds.truth))
    for part in folds.parts:
        fitted = _fit(part.fit_rows, folds.truth[part.fit], columns, seed=folds.seed)
        scores[part.held] = fitted.score(_narrow(part.held_rows, columns))
    calibrator = fit_platt(scores, folds.truth)
    line = choose_threshold(folds.truth, calibrator(scores), costs=costs, metrics=require.metrics)
    model = _fit(folds.whole.rows, folds.truth, columns, seed=folds.seed)
    asked = folds.design.encode(folds.whole.steps, rows)
    return scored(rows, truth, calibrator(model.score(_narrow(asked, columns))), threshold=line.threshold)


def scored(
    rows: NDArray[np.int64], truth: NDArray[np.int8], probability: NDArray[np.float64], *, threshold: float
) -> Scored:
    """Probabilities with their decisions."""
    decision = (probability >= threshold).astype(np.int8)
    return Scored(rows=rows, truth=truth, probability=probability, decision=decision, threshold=threshold)


def _fit(encoded: Encoded, truth: NDArray[np.int8], columns: NDArray[np.int64], *, seed: int) -> LinearScorer:
    return fit_linear(_narrow(encoded, columns), truth, strength=1.0, dense_weight=float(len(columns) > 0), seed=seed)


def _narrow(encoded: Encoded, columns: NDArray[np.int64]) -> Encoded:
    """Those dense columns alone; where there are none, the text alone."""
    sparse: Csr | None = None if len(columns) else encoded.sparse
    return Encoded(dense=encoded.dense[:, columns], names=tuple(encoded.names[c] for c in columns), sparse=sparse)


def _best_columns(dense: NDArray[np.float32], truth: NDArray[np.int8]) -> NDArray[np.int64]:
    """Those whose group means lie farthest apart, in deviations; a missing value counts as the column's mean."""
    known = ~np.isnan(dense)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, dense, 0.0).sum(axis=0, dtype=np.float64) / count
    filled = np.where(known, dense, mean)
    apart = np.abs(filled[truth == 1].mean(axis=0) - filled[truth == 0].mean(axis=0))
    return np.argsort(-apart / np.maximum(filled.std(axis=0), 1e-12), kind="stable")[:_FEW]
