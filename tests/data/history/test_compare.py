"""What differs between two tables is counted and shown, by key or by whole rows."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data.history.compare import compare_tables
from roadworthy.kernel.errors import DataError

BEFORE = pl.DataFrame({"id": [1, 2, 3], "n": [1.0, None, float("nan")], "w": ["a", "b", "c"], "old": [0, 0, 0]})
AFTER = pl.DataFrame({"id": [4, 3, 2], "n": [9.0, float("nan"), 2.0], "w": ["d", "c", "B"], "new": [1, 1, 1]})


def test_rows_and_cells_by_key():
    found = compare_tables(BEFORE, AFTER, by=["id"])
    assert (found.added, found.removed, found.changed) == (1, 1, 1)
    assert found.cells == {"n": 1, "w": 1}
    assert (found.added_keys, found.removed_keys) == (["4"], ["1"])
    assert {(cell.key, cell.column, cell.before, cell.after) for cell in found.examples} == {
        ("2", "n", None, 2.0),
        ("2", "w", "b", "B"),
    }
    assert (found.added_columns, found.removed_columns) == (["new"], ["old"])


def test_a_retyped_column_is_told_and_its_values_compared():
    found = compare_tables(pl.DataFrame({"id": [1], "n": [1]}), pl.DataFrame({"id": [1], "n": ["1"]}), by=["id"])
    assert found.retyped == {"n": ("Int64", "String")}
    assert found.changed == 0
    assert not found.same


def test_whole_rows_are_a_multiset():
    found = compare_tables(pl.DataFrame({"a": [1, 1, 2]}), pl.DataFrame({"a": [2, 1, 3]}))
    assert (found.added, found.removed) == (1, 1)


def test_lists_are_compared_too():
    found = compare_tables(pl.DataFrame({"a": [[1], [2]]}), pl.DataFrame({"a": [[2], [1]]}))
    assert found.same


def test_a_key_that_names_two_rows_is_refused():
    with pytest.raises(DataError, match="not alone"):
        compare_tables(pl.DataFrame({"a": [1, 1]}), pl.DataFrame({"a": [1]}), by=["a"])
    with pytest.raises(DataError, match="no column 'idd'"):
        compare_tables(BEFORE, AFTER, by=["idd"])


rows = st.dictionaries(st.integers(0, 6), st.sampled_from([None, "x", "y"]), max_size=6)


@settings(derandomize=True, deadline=None)
@given(rows, rows)
def test_the_counts_are_those_of_dictionaries(before, after):
    frames = [
        pl.DataFrame({"k": list(table), "v": list(table.values())}, schema={"k": pl.Int64, "v": pl.String})
        for table in (before, after)
    ]
    found = compare_tables(*frames, by=["k"])
    assert found.added == len(after.keys() - before.keys())
    assert found.removed == len(before.keys() - after.keys())
    assert found.changed == sum(before[key] != after[key] for key in before.keys() & after.keys())
    assert found.same == (before == after)
