"""What filling gaps would do, by scale, on cells that are known."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from roadworthy.data.imputing import demand_method, judge_imputation, recommended, try_methods
from roadworthy.declare.data import Column, Data
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.limits import Verdict

RANDOM = np.random.default_rng(20)
ROWS = 1200
A = RANDOM.normal(size=ROWS)
GONE = RANDOM.random(ROWS) < 0.2
SCALES = {"a": "continuous", "x": "continuous", "noise": "continuous", "g": "nominal", "y": "binary"}


def blanked(values: np.ndarray) -> list[object]:
    return [None if gone else value for gone, value in zip(GONE, values.tolist(), strict=True)]


TABLE = pl.DataFrame(
    {
        "a": A,
        "x": blanked(2 * A + 0.2 * RANDOM.normal(size=ROWS)),
        "noise": blanked(RANDOM.normal(size=ROWS)),
        "g": blanked(np.where(A > 0, "up", np.where(A > -1, "down", "deep"))),
        "y": RANDOM.choice(["p", "q"], ROWS),
    },
    strict=False,
)


def test_the_method_that_reads_other_columns_wins_where_they_tell() -> None:
    tried = {one.method: one for one in try_methods(TABLE, SCALES, "x", without=["y"])}
    assert set(tried) == {"median", "mean", "model", "nearest"}
    assert tried["median"].error == pytest.approx(1.0, abs=0.02)
    assert tried["model"].error < 0.15
    assert tried["model"].interval.low < tried["model"].error < tried["model"].interval.high
    assert tried["median"].distortion == pytest.approx(0.5, abs=0.02)
    assert tried["model"].distortion < 0.05
    assert recommended(list(tried.values())).method == "model"


def test_the_simplest_wins_where_nothing_tells() -> None:
    assert recommended(try_methods(TABLE, SCALES, "noise", without=["y"])).method == "median"


def test_words_are_counted_and_not_averaged() -> None:
    tried = try_methods(TABLE, SCALES, "g", without=["y"])
    assert [one.method for one in tried] == ["mode", "nearest"]
    assert tried[1].error < 0.1 < tried[0].error
    with pytest.raises(DataError, match="there is no median of 'g': it is nominal"):
        demand_method("median", "nominal", column="g")
    with pytest.raises(DataError, match='did you mean "median"'):
        demand_method("medain", "continuous", column="x")


def test_only_training_rows_are_looked_at() -> None:
    spoiled = TABLE.with_columns(x=pl.when(pl.int_range(pl.len()) >= 800).then(1e6).otherwise(pl.col("x")))
    rows = np.arange(800)
    clean = judge_imputation(TABLE, SCALES, Data(sources=()), rows=rows, without=("y",))
    assert judge_imputation(spoiled, SCALES, Data(sources=()), rows=rows, without=("y",)) == clean
    assert {one.subject: one.evidence["recommended"] for one in clean} == {
        "x": "model",
        "noise": "median",
        "g": "nearest",
    }


def test_a_declared_method_is_held_against_the_best() -> None:
    rows = np.arange(ROWS)
    worse = Data(sources=(), columns={"x": Column(impute="median")})
    found = {one.subject: one for one in judge_imputation(TABLE, SCALES, worse, rows=rows, without=("y",))}
    assert found["x"].verdict is Verdict.FAIL
    good = Data(sources=(), columns={"x": Column(impute="model")})
    found = {one.subject: one for one in judge_imputation(TABLE, SCALES, good, rows=rows, without=("y",))}
    assert found["x"].verdict is Verdict.PASS
    with pytest.raises(DataError, match="there is no mean of 'g'"):
        judge_imputation(TABLE, SCALES, Data(sources=(), columns={"g": Column(impute="mean")}), rows=rows)


def test_too_little_is_not_judged() -> None:
    assert try_methods(TABLE.head(50), SCALES, "x") == []
    assert judge_imputation(TABLE.head(60), SCALES, Data(sources=()), rows=np.arange(60)) == []


@pytest.mark.corpus
def test_bedrooms_are_told_by_rooms(corpus: Path) -> None:
    housing = pl.read_csv(corpus / "california_housing" / "housing.csv.gz")
    scales = dict.fromkeys(housing.columns, "continuous") | {"ocean_proximity": "nominal"}
    tried = try_methods(housing, scales, "total_bedrooms", without=["median_house_value"])
    best = recommended(tried)
    assert best.method == "model"
    assert best.error < 0.25
