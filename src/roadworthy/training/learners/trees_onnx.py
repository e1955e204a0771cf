"""Trees as an ONNX TreeEnsembleRegressor.

Written here rather than by skl2onnx, which takes six CPU seconds to import and rounds thresholds to the nearest
float32: a value between a threshold and its rounding then falls on the other side. Rounding *down* is exact, since the
rows are float32: x <= t holds for the same x as x <= (the largest float32 that is <= t).
"""

from collections.abc import Sequence

import numpy as np
import onnx
from msgspec import Struct
from numpy.typing import NDArray
from onnx import TensorProto, helper

_OPSET = 17
_ML_OPSET = 3
_IR = 8


class Tree(Struct, frozen=True, kw_only=True, eq=False):
    """One binary tree in arrays by node; node 0 is the root.

    Attributes:
        column: int64, the column that a node looks at; -1 marks a leaf.
        threshold: float64; a row goes left where its value is <= threshold.
        missing_left: bool, where a row without the value goes.
        left, right: int64 node numbers.
        value: float64, what a leaf adds to the sum.
    """

    column: NDArray[np.int64]
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: NDArray[np.float64]


class Forest(Struct, frozen=True, kw_only=True, eq=False):
    """Trees whose leaves are summed, beginning with `base`."""

    trees: Sequence[Tree]
    base: float
    columns: int


def round_down(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest float32 that is not above each value.

    >>> bool(round_down(np.array([0.1]))[0] <= 0.1)
    True
    """
    rounded = values.astype(np.float32)
    above = rounded.astype(np.float64) > values
    return np.where(above, np.nextafter(rounded, np.float32(-np.inf)), rounded).astype(np.float32)


def write_onnx(forest: Forest) -> bytes:
    """The forest as a model with float32 input `rows` (n, columns) and output `sum` (n, 1)."""
    trees = forest.trees
    sizes = [len(tree.column) for tree in trees]
    nodes = np.concatenate([np.arange(size) for size in sizes])
    owner = np.repeat(np.arange(len(trees)), sizes)
    column = np.concatenate([tree.column for tree in trees])
    leaf = column < 0
    modes = np.where(leaf, "LEAF", "BRANCH_LEQ")
    threshold = np.where(leaf, 0.0, np.concatenate([tree.threshold for tree in trees]))
    missing = np.concatenate([tree.missing_left for tree in trees]) & ~leaf
    ensemble = helper.make_node(
        "TreeEnsembleRegressor",
        ["rows"],
        ["sum"],
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        post_transform="NONE",
        base_values=[float(np.float32(forest.base))],
        nodes_treeids=owner.tolist(),
        nodes_nodeids=nodes.tolist(),
        nodes_featureids=np.where(leaf, 0, column).tolist(),
        nodes_modes=modes.tolist(),
        nodes_values=round_down(threshold).tolist(),
        nodes_truenodeids=np.where(leaf, 0, np.concatenate([tree.left for tree in trees])).tolist(),
        nodes_falsenodeids=np.where(leaf, 0, np.concatenate([tree.right for tree in trees])).tolist(),
        nodes_missing_value_tracks_true=missing.astype(int).tolist(),
        target_treeids=owner[leaf].tolist(),
        target_nodeids=nodes[leaf].tolist(),
        target_ids=[0] * int(leaf.sum()),
        target_weights=np.concatenate([tree.value for tree in trees])[leaf].astype(np.float32).tolist(),
    )
    graph = helper.make_graph(
        [ensemble],
        "trees",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, forest.columns])],
        [helper.make_tensor_value_info("sum", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("ai.onnx.ml", _ML_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR, producer_name="roadworthy")
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))
