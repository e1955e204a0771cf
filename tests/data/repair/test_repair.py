"""Plans, what they change, and the way back."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data.quality.consistency import consistency
from roadworthy.data.quality.look import SUSPECTS, Look
from roadworthy.data.repair.apply import apply, undo
from roadworthy.data.repair.identity import identity
from roadworthy.data.repair.journal import read_journal, write_journal
from roadworthy.data.repair.plan import plan
from roadworthy.data.repair.validation import effects, sample
from roadworthy.declare.data import Data
from roadworthy.kernel.errors import DataError

CITIES = [("35233", "birmingham", "12 oz"), ("36104", "montgomery", "16 oz."), ("35801", "huntsville", "12 ounces")]


def dirty():
    table = pl.DataFrame(CITIES * 30, schema=["zip", "city", "size"], orient="row")
    table[7, "city"], table[40, "city"], table[12, "zip"] = "montgomxry", "Montgomery", "n/a"
    return table


def look_at(table, **rest):
    return Look(table=table, keys=pl.Series([f"k{at}" for at in range(table.height)]), scales={}, **rest)


def suspects(*rows):
    return pl.DataFrame(rows, schema=SUSPECTS, orient="row")


@pytest.fixture(scope="module")
def planned():
    look = look_at(dirty())
    return plan(look, consistency(look).suspects)


def test_a_plan_says_what_it_would_change_and_changes_nothing(planned):
    assert planned.changes.filter(pl.col("column") == "city").select("key", "before", "after", "rule").rows() == [
        ("k7", "montgomxry", "montgomery", "typo:city"),
        ("k40", "Montgomery", "montgomery", "spelling:city"),
    ]
    assert planned.rules().row(0)[:2] == ("unit:size", 90)


def test_a_repair_changes_the_planned_cells_and_no_other(planned):
    table = dirty()
    repaired = apply(planned, table)
    assert repaired.table["city"].unique().sort().to_list() == ["birmingham", "huntsville", "montgomery"]
    assert repaired.table["size"].unique().sort().to_list() == ["12", "16"]
    changed = {
        (name, row) for name in table.columns for row in range(90) if table[name][row] != repaired.table[name][row]
    }
    assert changed == set(repaired.changes.select("column", "row").rows())


def test_undo_gives_back_the_same_table_by_way_of_the_disk(planned, tmp_path):
    repaired = apply(planned, dirty())
    folder = write_journal(repaired.journal, tmp_path / "t.csv")
    assert folder.name.startswith("t.csv.repair-")
    assert undo(read_journal(folder), repaired.table).equals(dirty())
    assert write_journal(repaired.journal, tmp_path / "t.csv") == folder


def test_applied_twice_it_changes_nothing(planned):
    once = apply(planned, dirty())
    twice = apply(planned, once.table)
    assert twice.table.equals(once.table)
    assert twice.changes.is_empty()
    assert undo(twice.journal, twice.table).equals(once.table)


def test_another_table_is_refused(planned):
    other = dirty()
    other[0, "zip"] = "00000"
    with pytest.raises(DataError, match="changed since the plan"):
        apply(planned, other)
    with pytest.raises(DataError, match="changed after the repair"):
        undo(apply(planned, dirty()).journal, other)


def test_part_of_a_plan_by_rule_column_and_likelihood(planned):
    assert set(planned.only(rules=["spelling"]).changes["rule"]) == {"spelling:city"}
    assert set(planned.only(columns=["city"]).changes["column"]) == {"city"}
    assert planned.only(least=1.0).changes.is_empty()
    part = apply(planned.only(rules=["typo:city"]), dirty())
    assert part.changes.height == 1
    assert undo(part.journal, part.table).equals(dirty())
    with pytest.raises(DataError, match="typo"):
        planned.only(rules=["typos"])


def test_the_key_and_the_answer_are_never_changed():
    table = pl.DataFrame({"id": ["a", "b"], "answer": ["x", "y"], "c": ["1", "2"]})
    found = suspects(*[(0, name, "v", "data.errors.typo", 0.9, "new", "why") for name in table.columns])
    changed = plan(look_at(table, target="answer", data=Data(sources=(), key="id")), found).changes
    assert changed["column"].to_list() == ["c"]


def test_doubtful_cells_and_those_without_a_proposal_are_left():
    table = pl.DataFrame({"c": ["1", "2", "n/a"]})
    found = suspects(
        (0, "c", "1", "data.errors.dependency", 0.5, "2", "why"),
        (1, "c", "2", "data.errors.outlier", 0.9, None, "why"),
        (2, "c", "n/a", "data.errors.absent", 0.9, None, "why"),
    )
    planned = plan(look_at(table), found)
    assert planned.changes.select("row", "after", "rule").rows() == [(2, None, "missing:c")]
    assert planned.left == 2


def test_rows_that_are_dropped_come_back_in_their_places():
    table = pl.DataFrame({"c": ["a", "b", "a", "c", "b"], "n": [1.5, 2.0, 1.5, None, 2.0]})
    repaired = apply(plan(look_at(table), suspects(), drop=[2, 4]), table)
    assert repaired.table["c"].to_list() == ["a", "b", "c"]
    assert undo(repaired.journal, repaired.table).equals(table)
    with pytest.raises(DataError, match="no row 9"):
        plan(look_at(table), suspects(), drop=[9])


def test_gaps_are_filled_only_by_who_is_asked_to():
    table = pl.DataFrame({"n": [1.0, None, 3.0]})
    filled = plan(look_at(table), suspects(), impute=lambda t, name: t[name].fill_null(t[name].median()))
    assert plan(look_at(table), suspects()).changes.is_empty()
    repaired = apply(filled, table)
    assert repaired.table["n"].to_list() == [1.0, 2.0, 3.0]
    assert repaired.changes["rule"].to_list() == ["impute:n"]
    assert undo(repaired.journal, repaired.table).equals(table)


def test_a_value_that_its_column_cannot_hold_is_refused():
    table = pl.DataFrame({"n": [1, 2]})
    planned = plan(look_at(table), suspects((0, "n", "1", "data.errors.typo", 0.9, "one", "why")))
    with pytest.raises(DataError, match="do not fit Int64"):
        apply(planned, table)


def test_a_damaged_journal_is_refused(planned, tmp_path):
    folder = write_journal(apply(planned, dirty()).journal, tmp_path / "t.csv")
    part = pl.read_parquet(folder / "changes.parquet").head(3)
    part.write_parquet(folder / "changes.parquet")
    with pytest.raises(DataError, match="does not hold what it says"):
        read_journal(folder)
    (folder / "journal.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        read_journal(folder)


def test_a_sample_that_a_person_judged_gives_a_share_with_its_interval(planned):
    changes = apply(planned, dirty()).changes
    drawn = sample(changes, each=10, seed=1)
    assert drawn.group_by("rule").len()["len"].max() == 10
    judged = drawn.with_columns(right=pl.col("rule") == "unit:size")
    unit, *rest = effects(changes, judged)
    assert (unit.rule, unit.cells, unit.judged, unit.right) == ("unit:size", 90, 10, 1.0)
    assert 0.6 < unit.interval.low < 1.0
    assert all(one.right == 0.0 for one in rest)
    assert all(one.right is None for one in effects(changes))


cells = st.one_of(st.none(), st.text(max_size=5))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8), st.data())
def test_whatever_is_changed_comes_back(rows, data):
    table = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    places = st.tuples(st.integers(0, len(rows) - 1), st.sampled_from(["a", "b"]))
    chosen = data.draw(st.dictionaries(places, st.text(max_size=5), max_size=6))
    drop = data.draw(st.sets(st.integers(0, len(rows) - 1), max_size=3))
    found = suspects(*[(row, name, None, "data.errors.typo", 0.9, to, "") for (row, name), to in chosen.items()])
    repaired = apply(plan(look_at(table), found, drop=drop), table)
    former = undo(repaired.journal, repaired.table)
    assert former.equals(table)
    assert identity(former) == identity(table)
