"""Exported trees decide as the originals do, up to the last float32."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.training.learners.trees_onnx import Forest, Tree, round_down, write_onnx


def a_stump(threshold: float, *, missing_left: bool = False) -> Forest:
    tree = Tree(
        column=np.array([0, -1, -1]),
        threshold=np.array([threshold, 0.0, 0.0]),
        missing_left=np.array([missing_left, False, False]),
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        value=np.array([0.0, -1.0, 1.0]),
    )
    return Forest(trees=[tree, tree], base=0.25, columns=2)


def run(forest: Forest, rows: np.ndarray) -> list[float]:
    session = onnxruntime.InferenceSession(write_onnx(forest), providers=["CPUExecutionProvider"])
    return session.run(None, {"rows": rows.astype(np.float32)})[0].ravel().tolist()


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.floats(-1e6, 1e6, allow_nan=False))
def test_every_float32_falls_on_the_side_that_float64_says(threshold: float) -> None:
    near = np.float32(threshold)
    values = np.float32([np.nextafter(near, np.float32(-np.inf)), near, np.nextafter(near, np.float32(np.inf))])
    expected = [0.25 + (-2.0 if float(value) <= threshold else 2.0) for value in values]
    assert run(a_stump(threshold), np.column_stack([values, values])) == expected


@pytest.mark.parametrize(("left", "expected"), [(True, -1.75), (False, 2.25)])
def test_a_missing_value_goes_where_the_tree_says(left: bool, expected: float) -> None:
    assert run(a_stump(0.0, missing_left=left), np.array([[np.nan, 0.0]])) == [expected]


def test_rounding_is_never_up() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    rounded = round_down(values).astype(np.float64)
    assert (rounded <= values).all()
    assert (np.nextafter(round_down(values), np.float32(np.inf)).astype(np.float64) > values).all()


def test_the_same_trees_give_the_same_bytes() -> None:
    assert write_onnx(a_stump(0.1)) == write_onnx(a_stump(0.1))
