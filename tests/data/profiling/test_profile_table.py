import datetime as dt
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from roadworthy.data.profiling import profile_by, profile_parts, profile_table
from roadworthy.kernel.errors import DataError
from roadworthy.measures.profile import Profile


@pytest.fixture
def frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "small": pl.Series([1, None, -3], dtype=pl.Int8),
            "huge": pl.Series([2**64 - 1, 0, None], dtype=pl.UInt64),
            "single": pl.Series([0.1, None, float("nan")], dtype=pl.Float32),
            "price": pl.Series([Decimal("1.50"), None, Decimal("2.25")]),
            "yes": [True, False, None],
            "day": [dt.date(2020, 1, 2), None, dt.date(1969, 12, 31)],
            "when": pl.Series([dt.datetime(2020, 1, 1, tzinfo=dt.UTC), None, None]),
            "took": [dt.timedelta(seconds=90), None, dt.timedelta(0)],
            "clock": [dt.time(12, 30), None, dt.time(0)],
            "word": ["é😀", None, ""],
            "raw": [b"\xff\x00", None, b""],
            "level": pl.Series(["low", None, "high"], dtype=pl.Enum(["low", "middle", "high"])),
            "kind": pl.Series(["b", "a", None], dtype=pl.Categorical),
            "list": [[1, 2], None, []],
            "record": [{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}],
            "nothing": [None, None, None],
        }
    )


KINDS = {
    "small": ("integer", 1, -3, 1),
    "huge": ("integer", 1, 0, 2**64 - 1),
    "single": ("number", 1, pytest.approx(0.1), pytest.approx(0.1)),
    "price": ("number", 1, 1.5, 2.25),
    "yes": ("boolean", 1, False, True),
    "day": ("date", 1, dt.date(1969, 12, 31), dt.date(2020, 1, 2)),
    "when": ("datetime", 2, dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1)),  # noqa: DTZ001
    "took": ("duration", 1, dt.timedelta(0), dt.timedelta(seconds=90)),
    "clock": ("time", 1, dt.time(0), dt.time(12, 30)),
    "word": ("text", 1, None, None),
    "raw": ("bytes", 1, None, None),
    "level": ("text", 1, None, None),
    "kind": ("text", 1, None, None),
    "list": ("nested", 1, None, None),
    "record": ("nested", 1, None, None),
    "nothing": ("empty", 3, None, None),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_type_of_polars_has_its_kind(frame, name):
    column = profile_table(frame)[name]
    assert (column.kind, column.nulls, column.min, column.max) == KINDS[name]


def test_every_column_is_seen_and_every_part_gives_the_same_bytes(frame):
    whole = profile_table(frame)
    assert list(whole.columns) == frame.columns
    assert profile_parts([frame[2:], frame[:0], frame[:2]]).to_bytes() == whole.to_bytes()
    assert Profile.from_bytes(whole.to_bytes()) == whole


def test_nested_values_are_read_as_json(frame):
    profile = profile_table(frame)
    assert {one.value for one in profile["list"].top()} == {"[1,2]", "[]"}
    assert {one.value for one in profile["record"].top()} == {'{"a":1,"b":"x"}', '{"a":null,"b":"y"}'}


def test_an_enum_is_counted_as_its_words(frame):
    words = frame.with_columns(pl.col("level").cast(pl.String))
    assert profile_table(frame) == profile_table(words)


@pytest.mark.parametrize(
    "frame", [pl.DataFrame(), pl.DataFrame({"a": []}), pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)})]
)
def test_a_table_without_rows_has_a_profile(frame):
    profile = profile_table(frame)
    assert profile.rows == 0
    assert list(profile.columns) == frame.columns
    assert Profile.from_bytes(profile.to_bytes()) == profile
    for column in profile.columns.values():
        assert column.distinct.value == column.nulls == 0
        assert column.top() == []


def test_figures_are_those_of_polars():
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"x": random.lognormal(3, 2, 40_000), "g": random.integers(0, 9, 40_000)})
    profile = profile_table(frame)
    for name in frame.columns:
        assert profile[name].mean == pytest.approx(frame[name].mean(), rel=1e-12)
        assert profile[name].variance == pytest.approx(frame[name].var(), rel=1e-12)
        assert profile[name].quantile(0.5) == pytest.approx(frame[name].quantile(0.5, "lower"), rel=1e-2)


def test_groups_merge_to_the_whole(frame):
    frame = frame.with_columns(g=pl.Series(["a", None, "a"]))
    groups = profile_by(frame, "g")
    assert {key: profile.rows for key, profile in groups.items()} == {"a": 2, None: 1}
    assert Profile.merged(groups.values()) == profile_table(frame)


def test_a_column_to_group_by_is_there_and_has_few_values():
    frame = pl.DataFrame({"id": range(10_001)})
    with pytest.raises(DataError, match="10,001 values"):
        profile_by(frame, "id")
    with pytest.raises(DataError, match="id"):
        profile_by(frame, "ide")


def test_rows_of_the_sample_are_found_again_by_their_names(frame):
    profile = profile_table(frame, keys=pl.Series(["r1", "r2", "r3"]))
    assert sorted(profile.sample.names) == ["r1", "r2", "r3"]
    twice = pl.concat([frame, frame])
    named = profile_table(twice, keys=pl.Series(["b1", "b2", "b3", "a1", "a2", "a3"]))
    assert sorted(named.sample.names) == ["a1", "a2", "a3"]
    assert named.duplicates.value == 3
