"""Random forest. Source: Breiman (2001), Machine Learning 45:5-32."""

from typing import ClassVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from roadworthy.bundle.trees import Output
from roadworthy.training.learners.learner import Choice, Params
from roadworthy.training.learners.stacked import Stacked
from roadworthy.training.learners.trees_onnx import Forest, Tree


class RandomForest(Stacked):
    """Trees grown apart on resampled rows; the score is the log-odds of the share of trees that vote positive."""

    name: ClassVar[str] = "random_forest"
    output: Output = "share"

    def own_grid(self) -> dict[str, Choice]:
        """Size of leaves, columns looked at, number of trees."""
        return {
            "leaf": Choice((1, 2, 4, 8, 16), 2),
            "columns": Choice((0.1, 0.2, 0.35, 0.5), 0.2),
            "trees": Choice((60, 100, 160), 100),
        }

    def grow(self, rows: NDArray[np.float32], truth: NDArray[np.int8], params: Params, *, seed: int) -> "GrownForest":
        """Fit on one thread."""
        model = RandomForestClassifier(
            int(params["trees"]),
            min_samples_leaf=int(params["leaf"]),
            max_features=float(params["columns"]),
            random_state=seed,
            n_jobs=1,
        )
        return GrownForest(model=model.fit(rows, truth), trees=int(params["trees"]))


class GrownForest(Struct, frozen=True, kw_only=True, eq=False):
    """The forest of scikit-learn."""

    model: RandomForestClassifier
    trees: int

    def sums(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Mean share of positives in the leaves. Asks the trees: the forest refuses nan where training had none."""
        total = np.zeros(len(rows))
        for tree in self.model.estimators_:
            total += tree.tree_.predict(rows)[:, 1]
        return total / self.trees

    def forest(self) -> Forest:
        """The trees as plain arrays."""
        grown = [fitted.tree_ for fitted in self.model.estimators_]
        trees = [
            Tree(
                column=np.where(tree.children_left < 0, -1, tree.feature),
                threshold=tree.threshold,
                missing_left=tree.missing_go_to_left.astype(bool),
                left=tree.children_left,
                right=tree.children_right,
                value=tree.value[:, 0, 1] / self.trees,
            )
            for tree in grown
        ]
        return Forest(trees=trees, base=0.0, columns=self.model.n_features_in_)
