"""Columns that decide others, and what is said of the cells that break it."""

import polars as pl

from roadworthy.data.errors.coded import code_table
from roadworthy.data.errors.dependencies import discover
from roadworthy.data.errors.detect import suspect

HOSPITALS = [(f"p{at}", f"name {at}", f"city {at % 7}", "yes" if at % 3 else "no") for at in range(20)]


def table(copies=8):
    return pl.DataFrame(HOSPITALS * copies, schema=["provider", "name", "city", "emergency"], orient="row")


def rules(frame):
    return {(one.left, one.right) for one in discover(code_table(frame), {})}


def test_a_key_decides_what_belongs_to_it_and_not_the_other_way():
    found = rules(table())
    assert {(("provider",), "name"), (("name",), "provider"), (("provider",), "city")} <= found
    assert (("city",), "provider") not in found
    assert (("emergency",), "city") not in found


def test_two_columns_where_one_does_not_do():
    rows = [(a, b, f"{a}{b}") for a in "uvwxyz" for b in "123456"] * 5
    frame = pl.DataFrame(rows, schema=["a", "b", "both"], orient="row")
    assert (("a", "b"), "both") in rules(frame)
    assert (("a",), "both") not in rules(frame)


def test_what_another_column_explains_is_no_broken_rule():
    rows = [("al", f"m{at}", f"al_m{at}") for at in range(30)] * 12 + [
        ("ak", f"m{at}", f"ak_m{at}") for at in range(20)
    ]
    assert suspect(pl.DataFrame(rows, schema=["state", "measure", "average"], orient="row")).frame().is_empty()


def test_the_cell_that_several_columns_speak_against_is_named_with_the_right_value():
    frame = table().with_row_index("n").drop("n")
    frame[50, "city"] = "city 9"
    found = suspect(frame).frame().row(0, named=True)
    assert (found["row"], found["column"], found["proposal"]) == (50, "city", HOSPITALS[50 % 20][2])
    assert found["likelihood"] > 0.6


def test_a_wrong_key_is_blamed_itself_and_not_all_that_it_decides():
    frame = table()
    frame[45, "provider"] = "p11"
    found = suspect(frame).frame()
    assert found.select("row", "column", "proposal").rows() == [(45, "provider", "p5")]


def test_a_clean_table_gets_no_suspects():
    assert suspect(table()).frame().is_empty()
    assert suspect(pl.DataFrame({"a": []}, schema={"a": pl.String})).frame().is_empty()
    assert suspect(pl.DataFrame({"a": [None, None]}, schema={"a": pl.String})).frame().is_empty()
