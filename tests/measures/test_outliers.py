"""Cells that do not fit their row: found where they were put, and hardly ever where nothing was."""

from collections.abc import Callable

import numpy as np
import pytest

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.outliers import leftovers, robust_scale, tail_limit, wrap

Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]


def _alarms(draw: Draw, *, rows: int, tables: int) -> float:
    """The share of clean tables of six columns, two of them related, in which some cell is beyond its limit."""
    random = np.random.default_rng(1)
    alarms = 0
    for _ in range(tables):
        table = draw(random, (rows, 6))
        table[:, 1] = 0.7 * table[:, 0] + 0.5 * table[:, 1]
        size = np.abs(leftovers(table).size)
        alarms += any(size[:, place].max() > tail_limit(size[:, place], chance=0.01 / 6) for place in range(6))
    return alarms / tables


@pytest.mark.parametrize("rows", [150, 1000])
@pytest.mark.parametrize(
    ("draw", "most"),
    [
        (lambda random, shape: random.normal(0, 1, shape), 0.02),
        (lambda random, shape: random.exponential(1, shape), 0.02),
        (lambda random, shape: random.lognormal(0, 1, shape), 0.02),
        (lambda random, shape: random.uniform(0, 1, shape), 0.02),
        (lambda random, shape: random.laplace(0, 1, shape), 0.02),
        (lambda random, shape: random.normal(0, 1, shape) + 8 * (random.random(shape) < 0.3), 0.02),
        (lambda random, shape: random.poisson(6, shape).astype(float), 0.05),
        (lambda random, shape: random.standard_t(5, shape), 0.2),
        (lambda random, shape: random.standard_t(3, shape), 0.2),
    ],
    ids=["normal", "exponential", "lognormal", "uniform", "laplace", "two humps", "poisson", "t5", "t3"],
)
def test_clean_tables_hardly_ever_raise_an_alarm(draw: Draw, most: float, rows: int) -> None:
    assert _alarms(draw, rows=rows, tables=100) <= most


def test_a_cell_that_only_its_row_contradicts_is_found() -> None:
    random = np.random.default_rng(2)
    height = random.normal(170, 10, 2000)
    weight = 0.9 * (height - 100) + random.normal(0, 3, 2000)
    table = np.column_stack([height, weight, random.normal(0, 1, 2000)])
    table[:10, 1] = 0.9 * (height[:10] - 100) + 45
    size = np.abs(leftovers(table).size)
    assert (size[:10, 1] > tail_limit(size[:, 1])).all()
    assert np.abs(leftovers(table).expected[:10, 1] - (0.9 * (height[:10] - 100))).max() < 5
    alone = np.abs(weight - np.median(weight)) / robust_scale(weight)[1]
    assert np.median(alone[:10]) < 5


def test_what_is_missing_is_not_judged_and_tells_nothing() -> None:
    table = np.random.default_rng(3).normal(0, 1, (500, 3))
    table[::7, 1] = np.nan
    rest = leftovers(table)
    assert np.isnan(rest.size[::7, 1]).all()
    assert not np.isnan(rest.size[:, [0, 2]]).any()
    assert not np.isnan(rest.expected).any()


def test_categories_beside_explain_groups() -> None:
    random = np.random.default_rng(4)
    group = (random.random(1000) < 0.4).astype(float)
    table = np.column_stack([random.normal(0, 0.5, 1000) + 2 * group])
    table[5, 0], group[5] = 3.2, 0.0
    alone, beside = leftovers(table), leftovers(table, group[:, None])
    assert int(np.abs(beside.size[:, 0]).argmax()) == 5
    assert int(np.abs(alone.size[:, 0]).argmax()) != 5


def test_wrapping_is_smooth_odd_and_bounded() -> None:
    line = np.linspace(-6, 6, 10_001)
    bent = wrap(line)
    assert np.allclose(bent, -bent[::-1])
    assert np.abs(np.diff(bent)).max() < 0.02
    assert np.abs(bent).max() < 1.6


def test_too_little_to_tell_is_refused() -> None:
    with pytest.raises(MeasureError, match="show no bulk"):
        leftovers(np.zeros((99, 2)))
    with pytest.raises(MeasureError, match="constant"):
        leftovers(np.zeros((200, 2)))
    with pytest.raises(MeasureError, match="no tail"):
        tail_limit([1.0] * 99)
