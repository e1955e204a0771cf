import numpy as np
import pytest

from roadworthy.measures.profile.association import associations, missing_together
from roadworthy.measures.profile.buffers import NumberBuffer

RANDOM = np.random.default_rng(9)
ROWS = 6000
BASE = RANDOM.normal(size=ROWS)
GROUP = RANDOM.integers(0, 4, ROWS)


@pytest.fixture(scope="module")
def profile(make):
    table = {
        "base": NumberBuffer("number", BASE),
        "like": NumberBuffer("number", BASE + RANDOM.normal(size=ROWS)),
        "curve": NumberBuffer("number", np.exp(5 * BASE)),
        "far": NumberBuffer("number", RANDOM.normal(1e12, 1, ROWS), BASE > -1),
        "grade": NumberBuffer("integer", np.digitize(BASE, [-1, 0, 1])),
        "group": make.texts([b"abcd"[one : one + 1] for one in GROUP.tolist()]),
        "copy": make.texts([b"wxyz"[one : one + 1] for one in GROUP.tolist()]),
        "other": make.texts([b"abc"[one : one + 1] for one in RANDOM.integers(0, 3, ROWS).tolist()]),
        "level": NumberBuffer("number", GROUP * 2 + RANDOM.normal(size=ROWS)),
        "name": make.texts([f"row {row}".encode() for row in range(ROWS)]),
        "same": NumberBuffer("integer", np.ones(ROWS, dtype=np.int64)),
    }
    return make.profile_of(table, np.arange(ROWS))


@pytest.fixture(scope="module")
def found(profile):
    scales = {"grade": "ordinal"}
    return {frozenset((pair.first, pair.second)): pair for pair in associations(profile, scales=scales)}


def test_quantities_are_correlated_by_pearson_within_the_interval(found):
    pair = found[frozenset(("base", "like"))]
    assert pair.measure == "pearson"
    assert pair.interval.low <= 1 / np.sqrt(2) <= pair.interval.high
    assert pair.interval.high - pair.interval.low < 0.15


def test_a_column_of_an_order_only_is_correlated_by_ranks(found):
    assert found[frozenset(("base", "grade"))].measure == "spearman"
    assert found[frozenset(("curve", "grade"))].value == found[frozenset(("base", "grade"))].value > 0.85


def test_columns_of_names_are_compared_by_cramer_without_bias(found):
    assert found[frozenset(("group", "copy"))].value == pytest.approx(1)
    assert found[frozenset(("group", "other"))].value < 0.12


def test_names_and_a_quantity_are_compared_by_the_correlation_ratio(found):
    pair = found[frozenset(("group", "level"))]
    true = np.sqrt(np.var([0, 2, 4, 6]) / (np.var([0, 2, 4, 6]) + 1))
    assert pair.measure == "eta"
    assert pair.value == pytest.approx(true, abs=0.03)
    assert found[frozenset(("group", "base"))].value < 0.15


def test_large_offsets_and_missing_values_do_not_disturb(found):
    pair = found[frozenset(("far", "like"))]
    assert abs(pair.value) < 0.2
    assert pair.rows < 500


def test_what_has_no_meaning_is_not_measured(found):
    assert not any(name in pair for pair in found for name in ("name", "same"))


def test_repeated_rows_weigh_as_often_as_they_stand(make):
    values = np.repeat([0.0, 1.0, 2.0], [5000, 50, 50])
    other = np.repeat([0.0, 1.0, 0.0], [5000, 50, 50])
    extra = np.arange(5100) % 5
    table = {name: NumberBuffer("number", column * 1.0) for name, column in (("a", values), ("b", other), ("c", extra))}
    (pair,) = [
        one for one in associations(make.profile_of(table, np.arange(5100))) if {one.first, one.second} == {"a", "b"}
    ]
    assert pair.value == pytest.approx(np.corrcoef(values, other)[0, 1], abs=1e-9)


def test_sets_of_columns_that_are_missing_together(make):
    gone = RANDOM.random(ROWS) < 0.25
    table = {
        "row": NumberBuffer("integer", np.arange(ROWS)),
        "a": NumberBuffer("number", np.where(gone, np.nan, BASE)),
        "b": make.texts([None if missing else b"x" for missing in gone.tolist()]),
    }
    found = missing_together(make.profile_of(table, np.arange(ROWS)))
    assert [one.columns for one in found] == [(), ("a", "b")]
    assert found[1].share == pytest.approx(0.25, abs=0.06)
    assert sum(one.rows for one in found) == pytest.approx(ROWS, abs=2)
