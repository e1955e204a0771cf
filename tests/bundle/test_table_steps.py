"""Columns of a table to numbers."""

import math
from datetime import date

import numpy as np
import pytest

from roadworthy.bundle.steps.tables import Category, DateParts, Number, Rank, Truth, moment
from roadworthy.kernel.errors import DataError


def test_numbers_pass_and_missing_ones_are_flagged():
    found = Number(column="a", flag=True).encode({"a": [1, 2.5, None, "", math.inf]})
    assert found.dtype == np.float32
    assert np.array_equal(found[:, 0], [1, 2.5, math.nan, math.nan, math.nan], equal_nan=True)
    assert found[:, 1].tolist() == [0, 0, 1, 1, 1]


def test_a_word_is_no_number():
    with pytest.raises(DataError) as caught:
        Number(column="age").encode({"age": [1, "old"]})
    assert caught.value.where == "row 1, column 'age'"
    assert "'old'" in caught.value.what


def test_each_row_has_exactly_one_category():
    step = Category(column="job", values=("chef", "cook"))
    assert step.names == ("job=chef", "job=cook", "job=(missing)", "job=(unseen)")
    found = step.encode({"job": ["cook", "chef ", None, "", "spy", math.nan]})
    assert found.argmax(axis=1).tolist() == [1, 0, 2, 2, 3, 2]
    assert (found.sum(axis=1) == 1).all()


def test_numbers_may_be_categories():
    step = Category(column="code", values=("3", "true"))
    assert step.encode({"code": [3, 3.0, "3", True]}).argmax(axis=1).tolist() == [0, 0, 0, 1]


def test_ranks():
    found = Rank(column="x", order=("low", "high")).encode({"x": ["high", "low", "odd", None]})
    assert np.array_equal(found[:, 0], [1, 0, math.nan, math.nan], equal_nan=True)


def test_truth_values():
    found = Truth(column="x").encode({"x": [True, "no", 1, 0.0, None, "perhaps"]})
    assert np.array_equal(found[:, 0], [1, 0, 1, 0, math.nan, math.nan], equal_nan=True)


def test_dates_in_any_form_are_the_same_parts():
    forms = ["2024-02-29T12:30:00Z", "2024-02-29T14:30:00+02:00", 1709209800, "2024-02-29T12:30:00"]
    found = DateParts(column="x").encode({"x": forms})
    assert found.tolist() == [[2024, 2, 29, 3, 12.5]] * 4
    assert DateParts(column="x").encode({"x": [date(2024, 2, 29)]})[0].tolist() == [2024, 2, 29, 3, 0]


@pytest.mark.parametrize("value", ["soon", None, True, 1e30, math.nan, [1]])
def test_what_is_no_date(value):
    assert moment(value) is None


@pytest.mark.parametrize(
    "step",
    [
        Number(column="x"),
        Category(column="x", values=()),
        Rank(column="x", order=()),
        Truth(column="x"),
        DateParts(column="x"),
    ],
)
def test_no_rows_give_no_rows(step):
    assert step.encode({"x": []}).shape == (0, len(step.names))
