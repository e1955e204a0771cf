"""What stands in for a missing cell, frozen; alone and among many the same."""

import math

import msgspec
import numpy as np
import pytest

from roadworthy.bundle.steps.fills import Constant, Fill, Nearest, Regression
from roadworthy.bundle.steps.tables import Category, Number, Rank

REGRESSION = Regression(
    columns=("a", "b"), means=(1.0, 0.0), spreads=(2.0, 1.0), weights=(3.0, 0.5), intercept=10.0, low=0.0, high=15.0
)
NEAREST = Nearest(
    columns=("a",),
    means=(0.0,),
    spreads=(1.0,),
    donors=((0.0,), (1.0,), (2.0,), (9.0,)),
    values=(0.0, 10.0, 20.0, 90.0),
    neighbours=2,
)
WORDS = Nearest(columns=("a",), means=(0.0,), spreads=(1.0,), donors=((0.0,), (1.0,), (9.0,)), values=("n", "n", "f"))


def test_a_regression_reads_other_columns_and_stays_within_what_was_seen() -> None:
    step = Number(column="x", flag=True, fill=REGRESSION)
    assert step.inputs == ("x", "a", "b")
    found = step.encode({"x": [None, None, 7.0, None], "a": [3.0, None, 1.0, 100.0], "b": [2.0, 2.0, 0.0, 0.0]})
    assert found.tolist() == [[14.0, 1.0], [11.0, 1.0], [7.0, 0.0], [15.0, 1.0]]


def test_neighbours_lend_their_mean_or_their_most_frequent_word() -> None:
    assert Number(column="x", fill=NEAREST).encode({"x": [None, 3.0], "a": [0.4, 0.0]}).tolist() == [[5.0], [3.0]]
    near = msgspec.structs.replace(WORDS, neighbours=2)
    step = Category(column="c", values=("f", "n"), fill=near)
    assert step.encode({"c": [None, "f"], "a": [0.2, 0.0]}).tolist() == [[0, 1, 1, 0], [1, 0, 0, 0]]
    far = msgspec.structs.replace(WORDS, neighbours=1)
    assert Rank(column="c", order=("n", "f"), fill=far).encode({"c": [None, "odd"], "a": [8.0, 0.0]})[0, 0] == 1.0


def test_a_constant_never_touches_what_is_there() -> None:
    assert Number(column="x", fill=Constant(value=4.0)).encode({"x": [1.0, None]}).tolist() == [[1.0], [4.0]]
    assert math.isnan(Rank(column="c", order=("a",), fill=Constant(value="a")).encode({"c": ["odd"]})[0, 0])


@pytest.mark.parametrize("fill", [REGRESSION, NEAREST, Constant(value=1.5)])
def test_one_row_and_many_rows_are_filled_alike(fill: Fill) -> None:
    random = np.random.default_rng(6)
    rows = {name: random.normal(size=300).tolist() for name in "ab"} | {"x": [None] * 300}
    step = Number(column="x", fill=fill)
    together = step.encode(rows)
    alone = np.vstack([step.encode({name: [cells[at]] for name, cells in rows.items()}) for at in range(300)])
    assert np.array_equal(together, alone)


@pytest.mark.parametrize("fill", [REGRESSION, NEAREST, WORDS, Constant(value="a"), None])
def test_what_was_saved_is_what_is_read(fill: Fill | None) -> None:
    step = Number(column="x", fill=fill)
    assert msgspec.json.decode(msgspec.json.encode(step), type=Number) == step
