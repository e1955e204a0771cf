"""Missing values in all their spellings, missing records, why they are missing, and groups that are hardly there."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from roadworthy.data.quality.completeness import completeness
from roadworthy.data.quality.disguised import disguised, missing_mask
from roadworthy.data.quality.gaps import gaps
from roadworthy.data.quality.little import little
from roadworthy.data.quality.look import Look
from roadworthy.data.quality.missingness import missingness
from roadworthy.data.quality.representation import representation
from roadworthy.declare.data import Column, Data
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict

Looking = Callable[..., Look]
RANDOM = np.random.default_rng(5)
AGES = RANDOM.integers(17, 90, 400)


def disguises(found: list[Finding]) -> dict[str, set[str]]:
    return {one.subject: {value["value"] for value in one.evidence["values"]} for one in found}


def test_shares_of_missing_values_matter_more_where_a_model_reads_them(look: Looking) -> None:
    seen = look({"a": [None, "", "1", "2"] * 50, "b": ["1"] * 200, "c": [None] + ["x"] * 199}, used=("a",))
    found = {one.subject: one for one in completeness(seen).findings}
    assert set(found) == {"a", "c"}
    assert (found["a"].measured, found["a"].severity, found["a"].verdict) == (0.5, Severity.WARNING, Verdict.FAIL)
    assert (found["c"].severity, found["c"].verdict) == (Severity.NOTE, Verdict.PASS)
    optional = look({"a": [None, "1"] * 50}, data=Data(sources=(), columns={"a": Column(optional=True)}))
    assert completeness(optional).findings == []


@pytest.mark.parametrize(
    ("values", "planted", "stands"),
    [
        ([str(age) for age in AGES], "-1", True),
        ([str(age) for age in AGES], "999", True),
        ([str(age) for age in AGES], "0", True),
        ([str(age) for age in AGES], "N/A", True),
        ([str(age) for age in AGES], "99", False),
        ([str(number) for number in RANDOM.poisson(3, 400)], "0", False),
        ([str(number) for number in RANDOM.integers(-50, 50, 400)], "-1", False),
        (["red", "green", "blue", "grey"] * 100, "unknown", True),
        (["red", "green", "blue", "grey"] * 100, "-", True),
        (["red", "green", "blue", "grey"] * 100, "none", False),
        (["a", "b", "c", "-"] * 100, "+", False),
        (["DE", "FR", "US", "GB"] * 100, "NA", False),
        (
            [str(date(2020, 1, 1) + timedelta(days=int(day))) for day in RANDOM.integers(0, 900, 400)],
            "1970-01-01",
            True,
        ),
        (
            [str(date(2020, 1, 1) + timedelta(days=int(day))) for day in RANDOM.integers(0, 900, 400)],
            "9999-12-31",
            True,
        ),
        ([str(date(1965, 1, 1) + timedelta(days=day * 10)) for day in range(400)], "1970-01-02", False),
    ],
)
def test_what_stands_for_missing_and_what_does_not(
    look: Looking, values: list[str], planted: str, stands: bool
) -> None:
    cells = list(values)
    for row in range(0, 400, 40):
        cells[row] = planted
    seen = disguised(look({"c": cells}))
    assert disguises(seen.findings) == ({"c": {planted.lower()}} if stands else {})
    assert seen.suspects["row"].to_list() == (list(range(0, 400, 40)) if stands else [])
    if stands:
        assert seen.suspects["value"].unique().to_list() == [planted]


def test_evidence_is_asked_for_and_a_mask_is_given(look: Looking) -> None:
    once = [str(age) for age in AGES]
    once[3] = "999"
    assert disguised(look({"c": once})).findings == []
    table = look({"a": [*once[:-2], "n/a", None], "l": [["x"]] * 400})
    assert np.flatnonzero(missing_mask(table, "a")).tolist() == [398, 399]
    assert not missing_mask(table, "l").any()


def test_gaps_in_a_key_in_time_and_in_a_panel(look: Looking) -> None:
    hours = [f"2020-01-{1 + hour // 24:02d} {hour % 24:02d}:00" for hour in range(240)]
    keep = [row for row in range(240) if row not in (7, 8, 100)]
    frame = {
        "number": [str(1000 + row) for row in keep],
        "at": [hours[row] for row in keep],
        "day": [hours[row][:10] for row in keep],
        "hour": [hours[row][11:13] + "h" for row in keep],
        "value": ["1.5"] * len(keep),
    }
    found = {one.subject: one for one in gaps(look(frame)).findings}
    assert set(found) == {"number", "at", "day x hour"}
    assert {one.measured for one in found.values()} == {3.0}
    assert found["number"].evidence["places"][0] == {"from": 1007, "to": 1008, "records": 2}
    assert found["at"].evidence["places"][0]["from"] == "2020-01-01T06:00:00Z"
    assert found["day x hour"].evidence["places"][0] == {"from": "2020-01-01T00:00:00Z", "to": "07h", "records": 1}
    assert gaps(look({name: cells[7:98] for name, cells in frame.items()})).findings == []


def test_weekends_are_no_gaps_and_quiet_days_are(look: Looking) -> None:
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(300)]
    weekdays = [str(day) for day in days if day.weekday() < 5]
    assert gaps(look({"d": weekdays})).findings == []
    (hole,) = gaps(look({"d": weekdays[:100] + weekdays[110:]})).findings
    assert hole.measured == 10.0
    random = np.random.default_rng(1)
    busy = np.sort(np.concatenate([day * 86400 + random.uniform(0, 86400, 60) for day in range(60) if day != 30]))
    (empty,) = gaps(look({"t": busy}, scales={"t": "datetime"})).findings
    assert "1 day without" in empty.summary


def missing_where(chosen: np.ndarray, rows: int = 2000) -> dict[str, list[str | None]]:
    random = np.random.default_rng(11)
    numbers = random.normal(size=rows).round(4)
    groups = np.where(numbers + random.normal(size=rows) > 0, "y", "n")
    return {
        "x": [None if gone else str(value) for gone, value in zip(chosen, random.normal(size=rows), strict=True)],
        "z": [str(value) for value in numbers],
        "g": [str(group) for group in random.choice(list("abc"), rows)],
        "answer": groups.tolist(),
    }


def test_missing_at_random_depends_on_nothing(look: Looking) -> None:
    false_alarms = 0
    for seed in range(40):
        chosen = np.random.default_rng(seed).random(2000) < 0.1
        found = missingness(look(missing_where(chosen), target="answer")).findings
        false_alarms += any(one.verdict is Verdict.FAIL for one in found)
    assert false_alarms <= 2


def test_what_missing_values_depend_on_is_named(look: Looking) -> None:
    random = np.random.default_rng(3)
    plain = missing_where(np.zeros(2000, dtype=bool))
    z = np.array([float(value or 0) for value in plain["z"]])
    by_number = missingness(look(missing_where((z > 0.8) & (random.random(2000) < 0.7)), target="answer")).findings
    assert by_number[0].evidence["depends_on"][0]["on"] == "z"
    assert by_number[0].severity is Severity.WARNING
    by_group = missingness(look(missing_where((np.array(plain["g"]) == "b") & (random.random(2000) < 0.3)))).findings
    assert [one["on"] for one in by_group[0].evidence["depends_on"]] == ["g"]
    block = np.zeros(2000, dtype=bool)
    block[500:700] = True
    in_block = missingness(look(missing_where(block))).findings
    assert [one["on"] for one in in_block[0].evidence["depends_on"]] == ["the order of the rows"]
    few = np.zeros(2000, dtype=bool)
    few[:5] = True
    assert missingness(look(missing_where(few))).findings == []


def test_littles_test_keeps_its_level_and_has_power() -> None:
    rejected, seen = 0, 0
    for seed in range(120):
        random = np.random.default_rng(seed)
        values = random.normal(size=(300, 3)) @ random.normal(size=(3, 3))
        gone = random.random((300, 3)) < 0.1
        tested = little(np.where(gone, np.nan, values))
        assert tested is not None
        rejected += tested.p_value < 0.05
        dependent = np.where((values[:, :1] > 0.5) & (np.arange(3) == 1), np.nan, values)
        found = little(dependent)
        seen += found is not None and found.p_value < 0.05
    assert rejected <= 12
    assert seen >= 115
    assert little(np.ones((10, 2))) is None
    assert little(np.random.default_rng(0).normal(size=(10, 2))) is None


def test_a_group_that_is_hardly_there(look: Looking) -> None:
    data = Data(sources=(), population={"sex": {"f": 0.5, "m": 0.5}, "age": {"old": 0.1}})
    table = {"sex": ["f"] * 300 + ["m"] * 700, "age": ["old"] * 90 + ["young"] * 910}
    found = {one.subject: one for one in representation(look(table, data=data)).findings}
    assert found["sex=f"].verdict is Verdict.FAIL
    assert found["sex=f"].evidence["adjusted_residual"] == pytest.approx(-12.65)
    assert found["sex=m"].verdict is Verdict.PASS
    assert found["age=old"].verdict is Verdict.CANNOT_TELL
    assert found["age=old"].more_rows
    few = representation(look({"sex": ["f", "m"] * 5, "age": ["old"] * 10}, data=data)).findings
    assert few[0].verdict is Verdict.CANNOT_TELL
    with pytest.raises(DataError, match='did you mean "sex"'):
        representation(look({"sex": ["f"]}, data=Data(sources=(), population={"sexx": {"f": 0.5}})))


@pytest.mark.corpus
def test_adult_as_it_is(adult: pl.DataFrame, look: Looking) -> None:
    table = look(adult, target="income")
    # 99999 is how the census bureau wrote "more than it may say": all 159 of them earn above 50K
    (top,) = disguised(table).findings
    assert disguises([top]) == {"capital_gain": {"99999"}}
    assert "so much or more" in top.evidence["values"][0]["why"]
    assert top.severity is Severity.NOTE
    unknown = pl.Series(np.random.default_rng(2).random(adult.height) < 0.01)
    planted = adult.with_columns(hours_per_week=pl.when(unknown).then(pl.lit("999")).otherwise("hours_per_week"))
    found = {one.subject: one for one in disguised(look(planted, target="income")).findings}
    assert found["hours_per_week"].severity is Severity.WARNING
    assert "so much" not in found["hours_per_week"].evidence["values"][0]["why"]
    assert gaps(table).findings == []
    found = {one.subject: one for one in missingness(table).findings}
    assert found["workclass"].evidence["depends_on"][0]["on"] == "whether occupation is missing"
    assert set(found) >= {"workclass", "occupation", "native_country"}


@pytest.mark.corpus
def test_the_gaps_of_california_are_random_and_those_of_bike_sharing_are_counted(corpus: Path, look: Looking) -> None:
    housing = pl.read_csv(corpus / "california_housing" / "housing.csv.gz", infer_schema=False)
    table = look(housing, target="median_house_value")
    assert {one.verdict for one in missingness(table).findings} == {Verdict.PASS}
    assert disguised(table).findings == []
