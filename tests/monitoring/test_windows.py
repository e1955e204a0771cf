import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.bundle.predictions import FeedbackRecord
from roadworthy.monitoring.windows import Clock, State, absorb, read_state

HOUR = 3600.0
CLOCK = Clock(now=30 * HOUR, width=HOUR, horizon=100 * HOUR, positive="spam")


def take(state, reference, records=(), feedback=(), *, clock=CLOCK, version="v1"):
    return absorb(state, reference, records=records, feedback=feedback, version=version, clock=clock)


def say(record, label, *, at=1.0, source="desk", by_key=False):
    name = {"key": record.key} if by_key else {"id": record.id}
    return FeedbackRecord(label=label, at=at, source=source, **name)


def test_counts_add_up(world, reference):
    records, labels = world.records(3, 40)
    state = take(State(), reference, records, labels).state
    assert [window.start for window in state.windows] == [0.0, HOUR, 2 * HOUR]
    for window in state.windows:
        assert window.rows == sum(window.scores) == 40
        assert all(sum(bins) == 40 for bins in window.features)
        assert sum(window.labelled["desk"]) == sum(window.label_rows) == 40
    expected = sum(r.probability if not r.decision else 1 - r.probability for r in records)
    assert sum(w.expected_wrong for w in state.windows) / 1e6 == pytest.approx(expected, abs=1e-3)


def test_confusion_cells(world, reference):
    records, _ = world.records(1, 60)
    by_decision = {d: next(r for r in records if r.decision == d) for d in (0, 1)}
    for decision, label, cell in [(1, "spam", 0), (1, "ham", 1), (0, "spam", 2), (0, "ham", 3)]:
        record = by_decision[decision]
        state = take(State(), reference, [record], [say(record, label)]).state
        assert state.windows[0].labelled == {"desk": [int(k == cell) for k in range(4)]}


@given(st.randoms(use_true_random=False), st.integers(1, 5))
@settings(derandomize=True, max_examples=15, deadline=None)
def test_any_order_and_any_parts_give_the_same_state(world, reference, random, parts):
    records, labels = world.records(3, 12)
    # by key, corrected, twice, and before the prediction itself is read
    labels += [say(records[0], "ham", at=9e5), say(records[0], "spam", at=9.5e5), say(records[3], "ham", at=9e5)]
    labels += [say(records[5], "spam", at=9e5, by_key=True), say(records[5], "ham", at=9e5, by_key=True)]
    labels += labels[:4]
    whole = take(State(), reference, records, labels).state
    stream = [*records, *labels]
    random.shuffle(stream)
    state = State()
    for part in range(parts):
        some = stream[part::parts]
        state = read_state(
            take(
                state,
                reference,
                [r for r in some if not isinstance(r, FeedbackRecord)],
                [r for r in some if isinstance(r, FeedbackRecord)],
            ).state.body()
        )
    for one in (whole, state):
        for window in one.windows:
            window.answers = dict(sorted(window.answers.items()))
    assert state == whole


def test_the_same_records_twice_change_nothing(world, reference):
    records, labels = world.records(2, 30)
    once = take(State(), reference, records, labels)
    twice = take(once.state, reference, records, labels)
    assert twice.state == once.state
    assert twice.fresh == []
    assert twice.relabelled == []
    assert twice.repeated == len(records)


def test_the_given_state_is_left_alone(world, reference):
    records, labels = world.records(2, 10)
    state = take(State(), reference, records).state
    before = msgspec.json.encode(state)
    take(state, reference, world.records(1, 5, seed=9)[0], labels)
    assert msgspec.json.encode(state) == before


def test_a_late_label_enters_the_window_of_its_prediction(world, reference):
    records, labels = world.records(5, 10)
    state = take(State(), reference, records).state
    late = take(state, reference, (), [labels[0]]).state
    assert sum(late.windows[0].label_rows) == 1
    assert sum(sum(window.label_rows) for window in late.windows[1:]) == 0


def test_the_last_label_by_time_holds_however_it_arrives(world, reference):
    records, _ = world.records(1, 5)
    record = next(r for r in records if r.decision == 1)
    for order in (["spam", "ham"], ["ham", "spam"]):
        said = [say(record, label, at=5.0 if label == "spam" else 7.0) for label in order]
        state = take(State(), reference, [record], said[:1]).state
        state = take(state, reference, (), said[1:]).state
        assert state.windows[0].labelled == {"desk": [0, 1, 0, 0]}
        assert state.windows[0].corrected == 1
        assert sum(state.windows[0].label_positives) == 0


def test_a_label_by_key_is_for_every_prediction_of_that_key(world, reference):
    first, second = world.records(2, 1)[0]
    same = msgspec.structs.replace(second, key=first.key)
    state = take(State(), reference, [first], [say(first, "spam", at=8.0, by_key=True)]).state
    assert state.unknown == 0
    state = take(state, reference, [same]).state
    assert [sum(window.label_rows) for window in state.windows] == [1, 1]


def test_labels_for_unknown_predictions_wait_and_are_counted(world, reference):
    records, labels = world.records(1, 3)
    state = take(State(), reference, (), labels).state
    assert state.unknown == 3
    assert take(state, reference, records).state.unknown == 0
    much_later = msgspec.structs.replace(CLOCK, now=1000 * HOUR)
    assert take(state, reference, clock=much_later).state.waiting == {}


def test_feedback_that_names_nothing_or_has_no_time_is_left_out(world, reference):
    records, _ = world.records(1, 3)
    nameless = msgspec.structs.replace(records[0], key="")
    said = [FeedbackRecord(label="spam", at=1.0), FeedbackRecord(id=nameless.id, label="spam", at=math.nan)]
    state = take(State(), reference, [nameless], said).state
    assert sum(state.windows[0].label_rows) == 0


def test_other_versions_are_kept_apart(world, reference):
    ours, theirs = world.records(1, 10)[0], world.records(1, 7, version="v2")[0]
    taken = take(State(), reference, [*ours, *theirs])
    assert taken.others == {"v2": 7}
    assert [(window.version, window.rows) for window in taken.state.windows] == [("v1", 10)]
    both = take(taken.state, reference, theirs, version="v2").state
    assert [(window.version, window.rows) for window in both.windows] == [("v1", 10), ("v2", 7)]


def test_clocks_that_jump_and_rows_of_another_shape_do_no_harm(world, reference):
    good, *rest = world.records(1, 6)[0]
    times = [math.nan, math.inf, -5.0, 1e300]
    jumped = [msgspec.structs.replace(r, at=at) for r, at in zip(rest, times, strict=False)]
    short = msgspec.structs.replace(rest[4], features=[1.0])
    unsure = msgspec.structs.replace(rest[4], id="unsure", probability=math.nan)
    taken = take(State(), reference, [good, *jumped, short, unsure])
    assert (taken.undated, taken.misfits, len(taken.fresh)) == (4, 2, 1)


def test_features_that_are_not_finite_are_counted(world, reference):
    record = world.records(1, 1)[0][0]
    odd = msgspec.structs.replace(record, features=[math.inf, -math.inf, math.nan, 1e38])
    window = take(State(), reference, [odd]).state.windows[0]
    assert all(sum(bins) == 1 for bins in window.features)
    assert window.features[2][-1] == 1


def test_old_windows_are_sealed_and_stay_counted(world, reference):
    records, labels = world.records(2, 10)
    clock = msgspec.structs.replace(CLOCK, now=200 * HOUR)
    state = take(State(), reference, records, clock=clock).state
    assert [(window.sealed, window.answers, window.rows) for window in state.windows] == [(True, {}, 10)] * 2
    again = take(state, reference, records, labels, clock=clock)
    assert again.late == 20
    assert [window.rows for window in again.state.windows] == [10, 10]


def test_a_state_survives_json(world, reference):
    records, labels = world.records(2, 10)
    state = take(State(), reference, records, labels[:5]).state
    assert read_state(state.body()) == state
    assert read_state(None) == State()


def test_a_window_of_a_hundred_thousand_rows_is_counted_quickly(reference):
    rng = np.random.default_rng(0)
    counts = [np.bincount(f.place(rng.normal(size=100_000).astype(np.float32))) for f in reference.features]
    assert all(c.sum() == 100_000 for c in counts)
