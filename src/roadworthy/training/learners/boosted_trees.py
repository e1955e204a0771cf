"""Boosted trees on histograms. Source: Friedman (2001), Annals of Statistics 29:1189; Ke et al. (2017), NeurIPS."""

from typing import ClassVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from roadworthy.bundle.trees import Output
from roadworthy.training.learners.learner import Choice, Params
from roadworthy.training.learners.stacked import Stacked
from roadworthy.training.learners.trees_onnx import Forest, Tree


class BoostedTrees(Stacked):
    """Small trees, each correcting those before it; the score is their sum in log-odds."""

    name: ClassVar[str] = "boosted_trees"
    output: Output = "log_odds"

    def own_grid(self) -> dict[str, Choice]:
        """Number and size of trees, step, penalty, columns looked at."""
        return {
            "trees": Choice((50, 100, 150, 200), 100),
            "leaves": Choice((4, 7, 15, 31), 15),
            "rate": Choice((0.03, 0.06, 0.1, 0.15), 0.06),
            "leaf": Choice((5, 10, 20, 40), 20),
            "penalty": Choice((0.1, 1.0, 3.0, 10.0), 3.0),
            "columns": Choice((0.3, 0.6, 1.0), 0.6),
        }

    def grow(self, rows: NDArray[np.float32], truth: NDArray[np.int8], params: Params, *, seed: int) -> "GrownBoost":
        """Fit all trees; no rows are held back, since the number of trees is searched."""
        model = HistGradientBoostingClassifier(
            max_iter=int(params["trees"]),
            max_leaf_nodes=int(params["leaves"]),
            learning_rate=float(params["rate"]),
            min_samples_leaf=int(params["leaf"]),
            l2_regularization=float(params["penalty"]),
            max_features=float(params["columns"]),
            early_stopping=False,
            random_state=seed,
        )
        return GrownBoost(model=model.fit(rows, truth), trees=int(params["trees"]))


class GrownBoost(Struct, frozen=True, kw_only=True, eq=False):
    """The boosted trees of scikit-learn."""

    model: HistGradientBoostingClassifier
    trees: int

    def sums(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log-odds."""
        return np.asarray(self.model.decision_function(rows), dtype=np.float64)

    def forest(self) -> Forest:
        """The trees as plain arrays. Reads two private attributes; `release` proves that they mean what we think."""
        trees = []
        for (predictor,) in self.model._predictors:
            nodes = predictor.nodes
            leaf = nodes["is_leaf"].astype(bool)
            trees.append(
                Tree(
                    column=np.where(leaf, -1, nodes["feature_idx"]),
                    threshold=nodes["num_threshold"],
                    missing_left=nodes["missing_go_to_left"].astype(bool),
                    left=nodes["left"].astype(np.int64),
                    right=nodes["right"].astype(np.int64),
                    value=nodes["value"],
                )
            )
        base = float(np.ravel(self.model._baseline_prediction)[0])
        return Forest(trees=trees, base=base, columns=self.model.n_features_in_)
