import datetime as dt

import numpy as np
import polars as pl
import pytest

from roadworthy.data.profiling import parquet, profile_parquet, profile_table
from roadworthy.kernel.errors import SourceError

RANDOM = np.random.default_rng(4)


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    size = 20_000
    some = pl.Series(RANDOM.random(size) < 0.8)
    grades = pl.Series(["low", "middle", "high", ""])[RANDOM.integers(0, 4, size)]
    return pl.DataFrame(
        {
            "whole": RANDOM.integers(-5, 99, size).astype(np.int16),
            "unsigned": RANDOM.integers(0, 2**64, size, dtype=np.uint64),
            "single": RANDOM.normal(size=size).astype(np.float32),
            "number": pl.Series(RANDOM.normal(size=size)).zip_with(some, pl.Series([None], dtype=pl.Float64)),
            "grade": grades.zip_with(some, pl.Series([None], dtype=pl.String)),
            "coded": grades.cast(pl.Categorical),
            "user": [f"ü{number}" for number in RANDOM.integers(0, 15_000, size)],
            "yes": RANDOM.random(size) < 0.5,
            "day": pl.Series(RANDOM.integers(0, 20_000, size).astype(np.int32)).cast(pl.Date),
            "nanos": pl.Series(RANDOM.integers(0, 10**18, size)).cast(pl.Datetime("ns")),
            "zoned": pl.Series([dt.datetime(2020, 1, 1, tzinfo=dt.UTC)] * size).dt.cast_time_unit("ms"),
            "took": pl.Series(RANDOM.integers(0, 10**9, size)).cast(pl.Duration("us")),
            "list": [[int(number)] for number in RANDOM.integers(0, 9, size)],
            "record": [{"a": int(number)} for number in RANDOM.integers(0, 9, size)],
            "raw": pl.Series([b"\xff", None, b""] * 6666 + [b"", b""]),
            "nothing": pl.Series([None] * size, dtype=pl.Int64),
        }
    )


@pytest.fixture(params=["pyarrow", "polars"])
def reader(request, monkeypatch):
    if request.param == "polars":
        monkeypatch.setattr(parquet, "find_spec", lambda name: None)
        monkeypatch.setattr(parquet, "STEP", 7000)
    else:
        pytest.importorskip("pyarrow", reason="SKIPPED FOR WANT OF PYARROW: install roadworthy[fast]")


@pytest.mark.parametrize("threads", [1, 3])
def test_a_file_has_the_profile_of_its_frame(frame, tmp_path, reader, threads):
    frame.write_parquet(tmp_path / "t.parquet", row_group_size=6001)
    assert profile_parquet(tmp_path / "t.parquet", threads=threads).to_bytes() == profile_table(frame).to_bytes()


def test_several_files_have_the_profile_of_all_their_rows(frame, tmp_path, reader):
    paths = [tmp_path / f"{number}.parquet" for number in range(3)]
    for path, part in zip(paths, (frame[:5000], frame[5000:5000], frame[5000:]), strict=True):
        part.write_parquet(path)
    assert profile_parquet(paths) == profile_table(frame)


def test_a_file_without_rows_has_its_columns(frame, tmp_path, reader):
    frame[:0].write_parquet(tmp_path / "t.parquet")
    profile = profile_parquet(tmp_path / "t.parquet")
    assert (profile.rows, list(profile.columns)) == (0, frame.columns)
    assert profile == profile_table(frame[:0])


def test_progress_is_told_of_every_row(frame, tmp_path):
    told = []

    class Told:
        def begin(self, task, total=None):
            told.append(total)

        def advance(self, steps=1, note=""):
            told.append(-steps)

        def end(self):
            told.append("end")

    frame.write_parquet(tmp_path / "t.parquet", row_group_size=7000)
    profile_parquet(tmp_path / "t.parquet", progress=Told())
    assert told.pop() == "end"
    assert sum(told) == 0


@pytest.mark.parametrize("damage", [lambda data: data[:-100], lambda data: b"not Parquet at all", lambda data: b""])
def test_a_damaged_file_is_an_error_that_names_it(frame, tmp_path, reader, damage):
    frame.write_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.parquet").write_bytes(damage((tmp_path / "t.parquet").read_bytes()))
    with pytest.raises(SourceError, match=r"t\.parquet"):
        profile_parquet(tmp_path / "t.parquet")


def test_damage_in_the_middle_is_an_error_that_names_the_file(frame, tmp_path, reader):
    frame.write_parquet(tmp_path / "t.parquet")
    data = bytearray((tmp_path / "t.parquet").read_bytes())
    data[200:4000] = bytes(3800)
    (tmp_path / "t.parquet").write_bytes(data)
    with pytest.raises(SourceError, match=r"t\.parquet"):
        profile_parquet(tmp_path / "t.parquet")


def test_a_missing_file_is_an_error_that_names_it(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        profile_parquet(tmp_path / "none.parquet")
