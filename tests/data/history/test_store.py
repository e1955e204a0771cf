"""A table keeps every version of itself, whoever writes at the same time, and however a writer ends."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from roadworthy.data.history.store import History
from roadworthy.kernel.errors import DataError, PlaceError

WRITER = """
import sys
from pathlib import Path
import polars as pl
from roadworthy.data.history.store import History
history, name, times = History(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
for turn in range(times):
    rows = pl.DataFrame({"who": [name] * 50, "turn": [turn] * 50, "n": list(range(50))})
    history.commit(rows, transaction=f"{name}-{turn}")
    print(turn, flush=True)
"""


def numbers(*values):
    return pl.DataFrame({"n": list(values)})


@pytest.fixture
def history(tmp_path):
    return History(tmp_path / "table")


def start_writer(history, name, times):
    command = [sys.executable, "-c", WRITER, str(history.folder), name, str(times)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)


def test_versions_stay_as_they_were(history):
    history.commit(numbers(1, 2), note="first")
    history.commit(numbers(3))
    history.commit(numbers(9), mode="replace", lineage={"from": "a.csv"})
    assert [history.read(number)["n"].sort().to_list() for number in range(3)] == [[1, 2], [1, 2, 3], [9]]
    first, second, third = history.versions()
    assert (first.note, first.mode, first.rows, first.total) == ("first", "append", 2, 2)
    assert (second.rows, second.total, third.total) == (1, 3, 1)
    assert third.lineage == {"from": "a.csv"}
    assert len({first.id, second.id, third.id}) == 3


def test_equal_content_has_an_equal_id_elsewhere(history, tmp_path):
    other = History(tmp_path / "other")
    for table in (history, other):
        table.commit(numbers(1, 2), note=str(table.folder))
        table.commit(numbers(3))
    assert [one.id for one in history.versions()] == [one.id for one in other.versions()]
    other.commit(numbers(4))
    assert other.version().id != history.version().id


def test_time_travel_by_number_id_and_time(history):
    first = history.commit(numbers(1))
    time.sleep(0.05)
    between = datetime.now(UTC)
    time.sleep(0.05)
    history.commit(numbers(2))
    assert history.read(between).height == history.read(0).height == history.read(first.id[:12]).height == 1
    assert history.read().height == 2
    for wrong in (7, "ffff0000", datetime(2000, 1, 1, tzinfo=UTC)):
        with pytest.raises(DataError, match="no version"):
            history.read(wrong)


def test_a_transaction_is_taken_once(history):
    first = history.commit(numbers(1), transaction="monday")
    history.commit(numbers(2), transaction="tuesday")
    again = history.commit(numbers(1), transaction="monday")
    assert again == first
    assert history.read()["n"].sort().to_list() == [1, 2]


def test_writers_at_the_same_time_all_succeed(history):
    writers = [start_writer(history, name, 5) for name in ("ann", "ben", "cem")]
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    rows = history.read()
    assert rows.height == 3 * 5 * 50
    assert rows.is_unique().all()
    assert history.version().total == rows.height
    assert [version.number for version in history.versions()] == list(range(15))


def test_the_same_transaction_by_two_writers_is_taken_once(history):
    writers = [start_writer(history, "ann", 4) for _ in range(2)]
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    assert history.read().height == 4 * 50


def test_a_killed_and_retried_append_is_whole_and_not_double(history):
    for moment in (0, 1, 2):
        writer = start_writer(history, "ann", 6)
        for _ in range(moment + 1):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        if history.exists:
            rows = history.read()
            assert rows.is_unique().all()
            assert rows.height % 50 == 0
    last = start_writer(history, "ann", 6)
    last.communicate(timeout=120)
    assert history.read().height == 6 * 50


def test_clearing_away_keeps_what_is_asked_for(history):
    for value in range(4):
        history.commit(numbers(value), mode="replace")
    assert history.clear(keep=[1], older_than=timedelta(0), dry=True)
    assert history.read(0).height == 1
    gone = history.clear(keep=[1], older_than=timedelta(0))
    assert len(gone) == 2
    assert history.read()["n"].to_list() == [3]
    assert history.read(1)["n"].to_list() == [1]
    with pytest.raises(DataError, match="can no longer be read"):
        history.read(0)
    assert [version.total for version in history.versions()[:4]] == [1, 1, 1, 1]


def test_new_columns_may_come_and_other_types_may_not(history):
    history.commit(pl.DataFrame({"n": [1]}))
    history.commit(pl.DataFrame({"n": [2], "more": ["a"]}))
    assert history.read()["more"].null_count() == 1
    with pytest.raises(DataError, match="column 'n' is String, in the table it is Int64"):
        history.commit(pl.DataFrame({"n": ["a text"]}))
    with pytest.raises(DataError, match="column 'n' is UInt8"):
        history.commit(pl.DataFrame({"n": [3]}, schema={"n": pl.UInt8}))
    assert history.read().height == 2


def test_types_that_delta_lacks_come_back(history):
    frame = pl.DataFrame(
        {
            "u": pl.Series([1, None, 2**64 - 1], dtype=pl.UInt64),
            "d": pl.Series([1, 2, None]).cast(pl.Duration("ns")),
            "e": pl.Series(["a", "b", None], dtype=pl.Enum(["a", "b"])),
            "z": pl.Series([1, 2, 3]).cast(pl.Datetime("ns", "Europe/Paris")),
            "t": pl.Series([0, 1, None]).cast(pl.Time),
            "nothing": [None, None, None],
        }
    )
    history.commit(frame)
    assert history.read().equals(frame)
    history.commit(frame)
    assert history.read().schema == frame.schema


def test_others_can_read_it(history):
    history.commit(numbers(1, 2, 3))
    assert pl.scan_delta(str(history.folder)).select(pl.len()).collect().item() == 3


def test_what_cannot_be_a_table_is_refused(history):
    for frame, why in ((pl.DataFrame(), "no column"), (pl.DataFrame({"a": [1], "A": [2]}), "differ in case")):
        with pytest.raises(DataError, match=why):
            history.commit(frame)
    assert not history.exists
    assert history.versions() == []
    with pytest.raises(DataError, match="no such table"):
        history.read()


def test_a_folder_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path):
    place = tmp_path / "file"
    place.write_text("in the way")
    with pytest.raises((PlaceError, DataError, OSError)):
        History(place / "table").commit(numbers(1))


def test_a_damaged_log_is_an_error(history):
    history.commit(numbers(1))
    next((history.folder / "_delta_log").glob("*.json")).write_text("{broken")
    with pytest.raises(DataError, match="cannot be read"):
        history.versions()
