"""The table that asks its scales: every operation on every scale gives a number or an error that says what to do."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from roadworthy.data.measured import MeasuredTable
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.scales import ALLOWED, Operation, Scale

ROWS = pl.DataFrame(
    {
        "continuous": [1.5, 2.5, None, 4.0],
        "discrete": [1, 2, 2, None],
        "ordinal": ["low", "high", "low", "medium"],
        "binary": [0, 1, 1, 0],
        "nominal": [10115, 80331, 10115, 50667],
        "datetime": [0.0, 86400.0, None, 43200.0],
        "identifier": ["a", "b", "c", "d"],
        "text": ["one two", "three", "four", None],
    }
)
TABLE = MeasuredTable(ROWS, {name: name for name in ROWS.columns}, orders={"ordinal": ("low", "medium", "high")})
ASKED: dict[Operation, Callable[[str], Any]] = {
    Operation.COUNT: TABLE.count,
    Operation.MODE: TABLE.mode,
    Operation.MEDIAN: TABLE.median,
    Operation.QUANTILE: lambda column: TABLE.quantile(column, 0.25),
    Operation.MEAN: TABLE.mean,
    Operation.VARIANCE: TABLE.variance,
    Operation.SUM: TABLE.sum,
    Operation.DIFFERENCE: lambda column: TABLE.difference(column, column),
    Operation.RATIO: lambda column: TABLE.ratio(column, column),
    Operation.CORRELATION: lambda column: TABLE.correlation(column, column),
    Operation.RANK_CORRELATION: lambda column: TABLE.rank_correlation(column, column),
    Operation.HISTOGRAM: TABLE.histogram,
    Operation.BARS: TABLE.bars,
}


@pytest.mark.parametrize("scale", list(Scale))
@pytest.mark.parametrize("operation", list(ASKED))
def test_every_operation_asks_the_scale(scale: Scale, operation: Operation) -> None:
    if operation in ALLOWED[scale]:
        assert ASKED[operation](scale.value) is not None
    else:
        with pytest.raises(DataError, match=rf"there is no {operation} of '{scale}'[\s\S]*fix:   \w"):
            ASKED[operation](scale.value)


def test_answers() -> None:
    assert TABLE.median("ordinal") == "low"
    assert TABLE.quantile("ordinal", 1.0) == "high"
    assert TABLE.bars("ordinal") == [("low", 2), ("medium", 1), ("high", 1)]
    assert TABLE.bars("nominal")[0] == (10115, 2)
    assert TABLE.mean("continuous") == pytest.approx(8 / 3)
    assert TABLE.difference("continuous", "discrete").to_list() == [0.5, 0.5, None, None]
    counts, edges = TABLE.histogram("continuous", bins=5)
    assert (counts.sum(), len(edges)) == (3, 6)
    assert math.isnan(MeasuredTable(pl.DataFrame({"a": [1, 1]}), {"a": "discrete"}).correlation("a", "a"))


def test_correlations_are_those_of_scipy() -> None:
    random = np.random.default_rng(7)
    one, other = random.normal(size=200), random.integers(0, 9, 200)
    table = MeasuredTable(pl.DataFrame({"one": one, "other": other}), {"one": "continuous", "other": "discrete"})
    assert table.correlation("one", "other") == pytest.approx(stats.pearsonr(one, other).statistic)
    assert table.rank_correlation("one", "other") == pytest.approx(stats.spearmanr(one, other).statistic)


def test_an_order_that_is_not_known_and_a_column_that_is_not_there() -> None:
    table = MeasuredTable(pl.DataFrame({"size": ["S", "M"]}), {"size": "ordinal"})
    with pytest.raises(DataError, match="the order of 'size' is not known"):
        table.median("size")
    with pytest.raises(DataError, match='did you mean "size"'):
        table.count("sise")
