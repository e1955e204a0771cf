"""Gaps filled as declared, fitted on the rows of a fold alone, the same in training and at prediction."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from roadworthy.bundle.steps.fills import Constant, Nearest, Regression
from roadworthy.bundle.steps.tables import Category, Number, Rank
from roadworthy.declare.data import Column
from roadworthy.declare.declaration import Declaration
from roadworthy.features.design import make_design
from roadworthy.kernel.errors import DataError

RANDOM = np.random.default_rng(12)
ROWS = 400
A = RANDOM.normal(size=ROWS)
TABLE = pl.DataFrame(
    {
        "a": A,
        "x": [None if row % 5 == 0 else float(value) for row, value in enumerate(3 * A + 1)],
        "job": [None if row % 7 == 0 else str(word) for row, word in enumerate(np.where(A > -0.5, "cook", "chef"))],
        "rating": [
            None if row % 9 == 0 else word for row, word in enumerate(["low", "middle", "high", "middle"] * 100)
        ],
        "label": RANDOM.choice(["yes", "no"], ROWS),
    }
)
TRUTH = np.array(TABLE["label"] == "yes", dtype=np.int8)
TRAIN = np.arange(0, 300)


def fitted(declared: Callable[..., Declaration], columns: dict[str, Column]) -> tuple[Any, dict[str, Any]]:
    design = make_design(TABLE, declared(data={"columns": columns}), truth=TRUTH)
    steps = design.fit(TRAIN)
    rows = np.arange(300, 400)
    sent = {name: TABLE[name][rows].to_list() for name in (field.name for field in steps.inputs)}
    assert np.array_equal(design.encode(steps, rows).dense, steps.encode(sent).dense, equal_nan=True)
    return steps, {step.column: step for step in steps.dense}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Column(impute="median"), float(np.median([v for v in TABLE["x"][:300] if v is not None]))),
        (Column(impute="constant", fill="-7"), -7.0),
    ],
)
def test_constants_come_from_the_fold(declared: Callable[..., Declaration], column: Column, value: float) -> None:
    _, steps = fitted(declared, {"x": column})
    assert steps["x"] == Number(column="x", flag=True, fill=Constant(value=value))


def test_a_model_and_neighbours_know_what_a_constant_does_not(declared: Callable[..., Declaration]) -> None:
    gaps = np.flatnonzero(TABLE["x"][300:].is_null().to_numpy()) + 300
    truth = 3 * A[gaps] + 1
    for method, kind, most in (("model", Regression, 0.15), ("nearest", Nearest, 0.5)):
        steps, by_column = fitted(declared, {"x": Column(impute=method)})
        assert isinstance(by_column["x"].fill, kind)
        found = steps.encode({name: TABLE[name][gaps].to_list() for name in (one.name for one in steps.inputs)})
        at = found.names.index("x")
        assert np.abs(found.dense[:, at] - truth).mean() < most
        assert (found.dense[:, found.names.index("x.missing")] == 1).all()


def test_words_and_ranks(declared: Callable[..., Declaration]) -> None:
    columns = {
        "job": Column(impute="nearest", scale="nominal"),
        "rating": Column(impute="median", scale="ordinal", order=("low", "middle", "high")),
    }
    steps, by_column = fitted(declared, columns)
    assert isinstance(by_column["job"], Category)
    assert by_column["rating"] == Rank(column="rating", order=("low", "middle", "high"), fill=Constant(value="middle"))
    gap = {"a": [-2.0, 2.0], "x": [None, None], "job": [None, None], "rating": [None, "low"]}
    found = steps.encode(gap)
    assert found.dense[:, found.names.index("job=chef")].tolist() == [1.0, 0.0]
    assert found.dense[:, found.names.index("rating.rank")].tolist() == [1.0, 0.0]


def test_a_mean_of_names_is_an_error(declared: Callable[..., Declaration]) -> None:
    design = make_design(TABLE, declared(data={"columns": {"job": Column(impute="mean")}}), truth=TRUTH)
    with pytest.raises(DataError, match="there is no mean of 'job': it is nominal"):
        design.fit(TRAIN)


def test_a_fold_without_a_value_says_so(declared: Callable[..., Declaration]) -> None:
    design = make_design(TABLE, declared(data={"columns": {"x": Column(impute="median")}}), truth=TRUTH)
    with pytest.raises(DataError, match="no row holds a x"):
        design.fit(np.array([0, 5]))
