import numpy as np
import pytest

from roadworthy.measures.distances import ks, wasserstein
from roadworthy.measures.profile import Profile
from roadworthy.measures.profile.buffers import NumberBuffer
from roadworthy.measures.profile.compare import compare

RANDOM = np.random.default_rng(6)
SIZE = 30_000
PAIRS = {
    "the same source": (RANDOM.normal(size=SIZE), RANDOM.normal(size=SIZE)),
    "moved a little": (RANDOM.normal(size=SIZE), RANDOM.normal(0.05, 1, 20_000)),
    "wider": (RANDOM.normal(size=SIZE), RANDOM.normal(0, 2, SIZE)),
    "heavy tails": (RANDOM.standard_t(1.2, SIZE), RANDOM.standard_t(1.5, SIZE)),
    "apart": (RANDOM.random(SIZE), RANDOM.random(SIZE) + 10),
    "few values": (RANDOM.integers(0, 9, SIZE) * 1.0, RANDOM.integers(1, 10, SIZE) * 1.0),
    "few against many": (RANDOM.integers(0, 9, 500) * 1.0, RANDOM.normal(4, 2, SIZE)),
    "ties": (np.round(RANDOM.pareto(1.6, SIZE), 2), np.round(RANDOM.pareto(1.4, SIZE), 2)),
    "mostly zero": (
        np.where(RANDOM.random(SIZE) < 0.7, 0.0, RANDOM.exponential(3, SIZE)),
        np.where(RANDOM.random(SIZE) < 0.6, 0.0, RANDOM.exponential(3, SIZE)),
    ),
    "two scales": (RANDOM.normal(1e6, 1, SIZE), np.append(RANDOM.normal(1e6, 2, SIZE), RANDOM.normal(size=9000))),
    "one row": (np.array([1.0]), RANDOM.normal(size=SIZE)),
}


def profiles(make, one, two) -> tuple[Profile, Profile]:
    return tuple(make.profile_of({"x": buffer}, np.arange(len(buffer.values))) for buffer in (one, two))


@pytest.fixture(params=PAIRS)
def pair(request, make):
    one, two = PAIRS[request.param]
    before, after = profiles(make, NumberBuffer("number", one), NumberBuffer("number", two))
    return one, two, compare(before, Profile.from_bytes(after.to_bytes()))["x"]


def test_the_true_ks_lies_in_its_bounds(pair):
    one, two, moved = pair
    assert moved.ks.low - 1e-12 <= ks(one, two) <= moved.ks.high + 1e-12


def test_the_true_wasserstein_distance_lies_in_its_bounds(pair):
    one, two, moved = pair
    true = wasserstein(one, two)
    assert moved.wasserstein.low <= true * (1 + 1e-9)
    assert true <= moved.wasserstein.high * (1 + 1e-9)
    assert moved.wasserstein.low <= moved.wasserstein.value <= moved.wasserstein.high


def test_bounds_of_columns_that_are_kept_exactly_meet(make):
    one, two = PAIRS["few values"]
    moved = compare(*profiles(make, NumberBuffer("number", one), NumberBuffer("number", two)))["x"]
    assert moved.ks.exact
    assert moved.wasserstein.exact


def test_whole_numbers_and_times_are_compared_in_their_unit(make):
    days = RANDOM.integers(0, 400, 5000)
    moved = compare(*profiles(make, NumberBuffer("date", days), NumberBuffer("date", days + 7)))["x"]
    assert moved.wasserstein.value == pytest.approx(7)
    ends = np.array([-(2**63), 2**63 - 1])
    same = compare(*profiles(make, NumberBuffer("integer", ends), NumberBuffer("integer", ends)))["x"]
    assert (same.ks.value, same.wasserstein.value, same.distance) == (0, 0, 0)


def test_the_distance_of_one_source_is_about_its_noise(make):
    found = []
    for _ in range(20):
        values = [NumberBuffer("number", RANDOM.normal(size=9000)) for _ in range(2)]
        found.append(compare(*profiles(make, *values))["x"])
    assert np.mean([moved.distance / moved.noise for moved in found]) == pytest.approx(1, abs=0.15)


def test_missing_values_count_as_moved(make):
    values = RANDOM.normal(size=10_000)
    some = NumberBuffer("number", np.append(values[:-1000], np.full(1000, np.nan)), RANDOM.random(10_000) < 0.7)
    moved = compare(*profiles(make, NumberBuffer("number", values), some))["x"]
    assert moved.missing == (0.0, pytest.approx(0.37, abs=0.03))
    assert moved.distance == pytest.approx(0.37, abs=0.03)


@pytest.mark.parametrize("rare", [0, 30_000], ids=["exact", "sketch"])
def test_texts_are_compared_by_their_shares(rare, make):
    many = [f"user{number}".encode() for number in range(rare)]
    before = make.texts([b"a"] * 6000 + [b"b"] * 4000 + many)
    after = make.texts([b"a"] * 4000 + [b"b"] * 4000 + [b"new"] * 2000 + many)
    moved = compare(*(make.profile_of({"x": one}, np.arange(10_000 + rare)) for one in (before, after)))["x"]
    assert moved.distance == pytest.approx(2000 / (10_000 + rare), rel=0.05)
    if not rare:
        assert moved.unseen.value == 0.2
        assert moved.unseen.exact


def test_texts_that_were_never_seen_are_estimated_from_a_sample(make):
    before = make.texts([f"u{number}".encode() for number in range(40_000)])
    after = make.texts([f"u{number}".encode() for number in range(20_000, 60_000)])
    moved = compare(*(make.profile_of({"x": one}, np.arange(40_000)) for one in (before, after)))["x"]
    assert moved.unseen.low <= 0.5 <= moved.unseen.high
    assert moved.unseen.high - moved.unseen.low < 0.25


def test_values_outside_the_range_are_unseen(make):
    values = RANDOM.normal(size=20_000)
    moved = compare(*profiles(make, NumberBuffer("number", values), NumberBuffer("number", values * 2)))["x"]
    true = np.mean((values * 2 < values.min()) | (values * 2 > values.max()))
    assert moved.unseen.low <= true <= moved.unseen.high


def test_columns_are_ranked_and_those_of_one_table_only_are_named(make):
    rows = np.arange(5000)
    before = {
        "same": NumberBuffer("integer", rows % 7),
        "moved": NumberBuffer("integer", rows % 9),
        "gone": NumberBuffer("integer", rows),
    }
    after = {
        "same": NumberBuffer("integer", rows % 7),
        "moved": NumberBuffer("integer", rows % 3),
        "new": make.texts([b"x"] * 5000),
    }
    found = compare(make.profile_of(before, rows), make.profile_of(after, rows))
    assert [moved.name for moved in found.columns] == ["moved", "same"]
    assert (found.gone, found.new) == (["gone"], ["new"])


def test_a_column_that_changed_its_kind_has_moved_whole(make):
    rows = np.arange(50)
    before = make.profile_of({"x": NumberBuffer("integer", rows)}, rows)
    after = make.profile_of({"x": make.texts([b"1"] * 50)}, rows)
    moved = compare(before, after)["x"]
    assert (moved.kinds, moved.distance, moved.excess) == (("integer", "text"), None, 1.0)


def test_empty_columns_compare(make):
    rows = np.arange(50)
    none = make.profile_of({"x": NumberBuffer("integer", rows, rows < 0), "t": make.texts([None] * 50)}, rows)
    some = make.profile_of({"x": NumberBuffer("integer", rows), "t": make.texts([b"a"] * 50)}, rows)
    for before, after in ((none, some), (some, none), (none, none)):
        for moved in compare(before, after).columns:
            assert moved.excess == abs(moved.missing[1] - moved.missing[0])
