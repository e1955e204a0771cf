"""The log's framing: what is written is read, what is torn or damaged is left out and counted."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.bundle.predictions import (
    FeedbackRecord,
    LogPosition,
    PredictionRecord,
    frame,
    read_log,
    read_records,
    read_segment,
)


def prediction(number: int, **other) -> PredictionRecord:
    fields = {
        "id": f"p{number}",
        "at": float(number),
        "model": "m",
        "version": "v1",
        "key": "",
        "probability": 0.25,
        "decision": 0,
        "features": [1.0, 2.0],
    }
    return PredictionRecord(**{**fields, **other})


@pytest.fixture
def segment(tmp_path):
    return tmp_path / "predictions-20260101T000000.000000Z-1.log"


def test_every_field_comes_back(segment):
    full = prediction(1, key="<a@b>", raw=bytes(range(256)), features=[math.inf, -0.0, 1e-300])
    segment.write_bytes(frame([full]))
    assert read_records(segment) == ([full], segment.stat().st_size)


def test_a_missing_feature_comes_back_as_nan(segment):
    segment.write_bytes(frame([prediction(1, features=[math.nan])]))
    assert math.isnan(read_records(segment)[0][0].features[0])


def test_reading_goes_on_where_it_stopped(segment):
    first, second = frame([prediction(1)]), frame([prediction(2), prediction(3)])
    segment.write_bytes(first)
    _, offset = read_records(segment)
    segment.write_bytes(first + second)
    records, end = read_records(segment, offset=offset)
    assert [record.id for record in records] == ["p2", "p3"]
    assert read_records(segment, offset=end) == ([], end)


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 9, 30, -1])
def test_a_torn_tail_is_left_for_later(segment, kept):
    whole, torn = frame([prediction(1)]), frame([prediction(2)])
    segment.write_bytes(whole + torn[:kept])
    read = read_segment(segment)
    assert [record.id for record in read.records] == ["p1"]
    assert read.torn == len(torn[:kept])
    segment.write_bytes(whole + torn)
    assert [record.id for record in read_records(segment, offset=read.next_offset)[0]] == ["p2"]


def test_zeros_after_a_power_cut_are_a_torn_tail(segment):
    whole = frame([prediction(1)])
    segment.write_bytes(whole + bytes(4096))
    assert read_segment(segment).torn == 4096


@pytest.mark.parametrize("position", [0, 4, 8, 9, 20])
def test_a_damaged_record_is_skipped_and_counted(segment, position):
    parts = [frame([prediction(number)]) for number in range(3)]
    broken = bytearray(parts[1])
    broken[position] ^= 0xFF
    segment.write_bytes(parts[0] + broken + parts[2])
    read = read_segment(segment)
    assert [record.id for record in read.records] == ["p0", "p2"]
    assert (read.damaged, read.torn) == (len(parts[1]), 0)


@settings(derandomize=True, max_examples=60)
@given(
    records=st.lists(
        st.builds(
            FeedbackRecord,
            id=st.text(max_size=8),
            key=st.text(max_size=8),
            label=st.text(max_size=8),
            at=st.floats(allow_nan=False),
        ),
        max_size=6,
    ),
    cut=st.integers(0, 400),
    limit=st.integers(1, 4),
)
def test_any_cut_gives_a_prefix_and_any_step_gives_the_whole(tmp_path_factory, records, cut, limit):
    path = tmp_path_factory.getbasetemp() / "feedback-law.log"
    data = frame(records)
    path.write_bytes(data[:cut])
    some, offset = read_records(path)
    assert some == records[: len(some)]
    path.write_bytes(data)
    while offset < len(data):
        step = read_segment(path, offset=offset, limit=limit)
        some, offset = some + step.records, step.next_offset
    assert some == records


def test_a_folder_is_read_in_order_and_once(tmp_path):
    for place, number in (("b", 2), ("a", 1)):
        (tmp_path / f"predictions-{place}.log").write_bytes(frame([prediction(number), prediction(number + 10)]))
    (tmp_path / "feedback-a.log").write_bytes(frame([FeedbackRecord(id="p1", label="spam", at=0.0)]))
    first = read_log(tmp_path, "predictions", limit=3)
    assert ([record.id for record in first.records], first.more) == (["p1", "p11", "p2"], True)
    rest = read_log(tmp_path, "predictions", position=first.position)
    assert ([record.id for record in rest.records], rest.more) == (["p12"], False)
    assert read_log(tmp_path, "predictions", position=rest.position).records == []
    assert [record.label for record in read_log(tmp_path, "feedback").records] == ["spam"]


def test_torn_and_damaged_segments_are_named(tmp_path):
    good = frame([prediction(1)])
    (tmp_path / "predictions-a.log").write_bytes(good + good[:5])
    (tmp_path / "predictions-b.log").write_bytes(b"rubbish" + good)
    read = read_log(tmp_path, "predictions")
    assert len(read.records) == 2
    assert read.torn == {"predictions-a.log": 5}
    assert read.damaged == {"predictions-b.log": 7}


def test_a_position_forgets_segments_that_are_gone(tmp_path):
    path = tmp_path / "predictions-a.log"
    path.write_bytes(frame([prediction(1)]))
    position = read_log(tmp_path, "predictions").position
    path.unlink()
    assert read_log(tmp_path, "predictions", position=position).position == LogPosition()


def test_a_missing_folder_holds_nothing(tmp_path):
    assert read_log(tmp_path / "nowhere", "predictions").records == []
