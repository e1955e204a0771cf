"""Texts become typed values without loss; what a column measures is told with a reason, and held on real tables."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data.inference import Inferred
from roadworthy.data.stacking import stack
from roadworthy.data.typing import TypedTable, type_table
from roadworthy.declare.data import Column


def typed(values: list[Any], *, name: str = "x", declared: Column | None = None, repeat: int = 1) -> TypedTable:
    raw = pl.DataFrame({name: values * repeat})
    keys = pl.Series([f"r{row}" for row in range(raw.height)])
    return type_table(raw, columns={name: declared} if declared else {}, keys=keys)


def told(values: list[Any], *, name: str = "x", repeat: int = 1) -> Inferred:
    return typed(values, name=name, repeat=repeat).columns[name]


@pytest.mark.parametrize(
    ("values", "read", "unit"),
    [
        (["3,5", "12,25", "7"], [3.5, 12.25, 7.0], ""),
        (["1,234,567", "12"], [1234567, 12], ""),
        (["1.234,5", "3"], [1234.5, 3.0], ""),
        (["1 234", "56"], [1234, 56], ""),
        (["12%", "3.5 %"], [12.0, 3.5], "%"),
        (["$1,200.50", "$3.00", "-$5.25"], [1200.5, 3.0, -5.25], "$"),
        (["12 oz", "16.0 ounces", "12.5 OZ."], [12.0, 16.0, 12.5], "oz"),
        (["33 patients", "12 patients", "7 patients"], [33, 12, 7], "patients"),
        (["1e-05", "2.5e3"], [1e-05, 2500.0], ""),
        ([" 7 ", "8.5"], [7.0, 8.5], ""),
    ],
)
def test_numbers_in_one_spelling_are_numbers(values: list[str], read: list[float], unit: str) -> None:
    table = typed(values)
    assert table.table["x"].to_list() == read
    assert table.columns["x"].unit == unit
    assert table.texts["x"].to_list() == values


@pytest.mark.parametrize(
    "values",
    [
        ["1e5", "2E3", "77"],
        ["007", "8", "9"],
        ["12345678901234567890", "1", "2"],
        ["12A", "13B", "14"],
        ["A12", "A13", "A14"],
        ["07h", "08h", "09h"],
        ["12 oz", "3 kg", "5 ml"],
        ["1.2.3", "1.2.4", "2.0.0"],
        ["192.168.0.1", "10.0.0.1", "8.8.8.8"],
        ["555-1234", "555-9876", "555-1111"],
        ["12:30", "07:45", "23:59"],
        ["1/2", "3/4", "1/4"],
        ["", "a", "b"],
    ],
)
def test_what_only_looks_like_a_number_stays_as_it_is(values: list[str]) -> None:
    table = typed(values)
    assert table.table["x"].to_list() == values
    assert table.findings == []


@pytest.mark.parametrize(
    ("values", "days"),
    [
        (["31/12/2020", "1/2/2021"], ["2020-12-31", "2021-02-01"]),
        (["12/31/2020", "1/2/2021"], ["2020-12-31", "2021-01-02"]),
        (["31.12.20", "1.2.2021"], ["2020-12-31", "2021-02-01"]),
        (["1.2.2021", "3.4.2021"], ["2021-02-01", "2021-04-03"]),
        (["2020/1/5", "2020/11/15"], ["2020-01-05", "2020-11-15"]),
        (["5 Jan 2020", "15 November 2020"], ["2020-01-05", "2020-11-15"]),
        (["January 5, 2020", "Nov 15th, 2020"], ["2020-01-05", "2020-11-15"]),
        (["05-Jan-20", "15-Nov-20"], ["2020-01-05", "2020-11-15"]),
        (["Sun, 05 Jan 2020 00:00:00 +0000", "Sun, 15 Nov 2020 01:00:00 +0100"], ["2020-01-05", "2020-11-15"]),
        (["05/Jan/2020:00:00:00 +0000", "15/Nov/2020:00:00:00 +0000"], ["2020-01-05", "2020-11-15"]),
        (["2020-01", "2020-11"], ["2020-01-01", "2020-11-01"]),
        (["2020-01-05T00:00:00Z", "2020-11-15"], ["2020-01-05", "2020-11-15"]),
    ],
)
def test_dates_in_many_spellings(values: list[str], days: list[str]) -> None:
    table = typed(values)
    assert table.scales == {"x": "datetime"}
    assert [datetime.fromtimestamp(value, UTC).date().isoformat() for value in table.table["x"]] == days


@pytest.mark.parametrize(
    "values",
    [["01/02/2020", "03/04/2020"], ["31/12/2020", "12/31/2020"], ["01/02/2020", "03-04-2020"], ["1,234", "5,678"]],
)
def test_what_can_be_read_in_two_ways_stays_text_and_is_told(values: list[str]) -> None:
    table = typed(values)
    assert table.table["x"].to_list() == values
    (finding,) = table.findings
    assert (finding.check, finding.measured, finding.evidence["rows"]) == ("data.ambiguous", 2.0, ["r0", "r1"])


def test_days_and_seconds_written_as_whole_numbers_need_a_name_that_says_so() -> None:
    assert told(["20200131", "20200201", "20201231"], name="date").scale == "datetime"
    assert told(["20200131", "20200201", "20201231"], name="amount").scale == "discrete"
    assert told(["1577923200", "1577923201", "1577923209"], name="created_at").scale == "datetime"


@pytest.mark.parametrize(
    ("name", "values", "scale", "word"),
    [
        ("zip", ["10115", "80331", "50667"], "nominal", "zip"),
        ("http_status", ["200", "404", "500"], "nominal", "status"),
        ("phone", ["2053258100", "2055551234", "2055559999"], "nominal", "phone"),
        ("label", [str(n % 10) for n in range(50)], "nominal", "label"),
        ("worker", ["3", "9", "27"], "nominal", "worker"),
        ("customerId", [str(7 * n + n % 3) for n in range(40)], "identifier", "customerid"),
        ("year", ["1999", "2004", "2011"], "ordinal", "year"),
        ("rating", ["1", "4", "5"], "ordinal", "rating"),
        ("total_rooms", ["880", "7099", "1467"], "discrete", "total"),
        ("founded", [str(1950 + n) for n in range(25)] * 2, "ordinal", "years"),
        ("n", ["10115", "80331", "50667"], "discrete", "whole numbers"),
    ],
)
def test_numbers_that_are_codes_are_no_quantities(name: str, values: list[str], scale: str, word: str) -> None:
    inferred = told(values, name=name)
    assert inferred.scale == scale
    assert word in inferred.reason
    assert 0 < inferred.confidence <= 1
    whole = pl.Series(values).cast(pl.Int64).to_list()
    assert told(whole, name=name).scale == scale


@pytest.mark.parametrize(
    "order",
    [
        ["low", "Medium", "HIGH"],
        ["poor", "fair", "good", "very good", "excellent"],
        ["S", "M", "L", "XL"],
        ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"],
        ["Jan", "Feb", "Mar"],
        ["monday", "tuesday", "friday"],
        ["high_school", "bachelor", "master", "phd"],
        ["bronze", "silver", "gold"],
        ["never", "sometimes", "always"],
        ["1st", "2nd", "3rd"],
    ],
)
def test_known_orders_are_ordinal(order: list[str]) -> None:
    inferred = told(order[::-1], repeat=5)
    assert (inferred.scale, list(inferred.order)) == ("ordinal", order)


def test_a_few_words_among_numbers_are_counted_with_their_rows() -> None:
    table = typed([str(n) for n in range(40, 0, -1)] + ["n/a", "broken"])
    assert table.table["x"].null_count() == 2
    (finding,) = table.findings
    assert (finding.check, finding.evidence["rows"], finding.severity.value) == (
        "data.types",
        ["r40", "r41"],
        "warning",
    )
    table = typed([str(n * 0.5) for n in range(40)] + ["n/a"] * 30)
    assert table.findings[0].severity.value == "note"
    assert table.table["x"].null_count() == 30


def test_words_of_the_user_override() -> None:
    table = typed(["10115", "80331", "50667"], name="zip", declared=Column(scale="discrete"))
    assert table.table["zip"].to_list() == [10115, 80331, 50667]
    assert table.columns["zip"].reason == "declared"


def test_types_that_are_there_are_kept() -> None:
    raw = pl.DataFrame(
        {
            "big": [2**62, 1],
            "nan": [float("nan"), 1.5],
            "at": [datetime(2020, 1, 1, tzinfo=UTC), None],
            "yes": [True, None],
            "tags": [["a"], []],
            "grade": pl.Series(["low", "high"], dtype=pl.Enum(["low", "medium", "high"])),
            "": [1, 2],
        }
    )
    table = type_table(raw, columns={}, keys=pl.Series(["a", "b"]))
    assert table.table["big"].to_list() == [2**62, 1]
    assert table.table["at"].to_list() == [1577836800.0, None]
    assert table.columns["grade"].order == ("low", "medium", "high")
    assert table.scales["yes"] == "binary"
    (finding,) = table.findings
    assert (finding.subject, finding.evidence["rows"]) == ("nan", ["a"])
    assert table.texts["tags"].to_list() == ['["a"]', "[]"]


def test_stacking_changes_no_value() -> None:
    frames = [
        pl.DataFrame({"a": [2**60], "b": [1], "c": ["07"], "d": [1.5]}),
        pl.DataFrame({"a": [0.5], "b": pl.Series([2], dtype=pl.UInt8), "c": [7], "e": [None]}),
        pl.DataFrame({"d": pl.Series([2], dtype=pl.Int16), "b": [None]}),
    ]
    assert stack(frames).to_dicts() == [
        {"a": str(2**60), "b": 1, "c": "07", "d": 1.5, "e": None},
        {"a": "0.5", "b": 2, "c": "7", "d": None, "e": None},
        {"a": None, "b": None, "c": None, "d": 2.0, "e": None},
    ]


NUMERAL = st.integers().map(str) | st.floats(allow_nan=False).map(str) | st.decimals(-1000, 1000, places=2).map(str)
CELL = st.text(max_size=8) | NUMERAL | st.dates().map(str) | st.sampled_from(["1,5", "12%", "1e5", "007", "N/A", "$3"])


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.lists(st.none() | CELL, min_size=1, max_size=40))
def test_law_every_value_is_kept_or_counted(values: list[str | None]) -> None:
    table = typed(values)
    column, texts = table.table["x"], pl.Series("x", values, dtype=pl.String)
    assert table.texts["x"].to_list() == values
    lost = int((texts.is_not_null() & column.is_null()).sum())
    assert lost == sum(int(one.measured or 0) for one in table.findings if one.check == "data.types")
    if column.dtype == pl.String:
        assert column.to_list() == values
    elif column.dtype == pl.Int64 and not table.columns["x"].unit:
        plain = [text.strip().replace(",", "").lstrip("+") for text in texts.filter(column.is_not_null())]
        assert [int(text) for text in plain] == column.drop_nulls().to_list()


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=20))
def test_law_floats_come_back_bit_by_bit(values: list[float]) -> None:
    column = typed([repr(value) for value in values], declared=Column(scale="continuous")).table["x"]
    assert [float(value) for value in column] == values
