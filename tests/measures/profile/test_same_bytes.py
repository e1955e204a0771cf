"""Whatever the parts, their order and the tree of merges: the same bytes."""

import random

import numpy as np
import pytest

from roadworthy.measures.profile import Profile
from roadworthy.measures.profile.buffers import NumberBuffer, TextBuffer
from roadworthy.measures.profile.choice import kernel_for
from roadworthy.measures.profile.profile import empty_profile
from roadworthy.measures.profile.texts import SAMPLED

KERNELS = [kernel_for(0), kernel_for(10**9)]
"""Plain, and compiled where numba is installed."""


@pytest.fixture(scope="module")
def whole(table, make) -> bytes:
    return make.profile_of(table, np.arange(12_000)).to_bytes()


def merged_by_a_random_tree(profiles: list[Profile], chance: random.Random) -> Profile:
    while len(profiles) > 1:
        one = profiles.pop(chance.randrange(len(profiles)))
        two = profiles.pop(chance.randrange(len(profiles)))
        if chance.random() < 0.3:
            one = Profile.from_bytes(one.to_bytes())
        profiles.append(one.merge(two))
    return profiles[0]


@pytest.mark.parametrize("seed", range(200))
def test_any_parting_order_tree_and_kernel_gives_the_same_bytes(seed, table, make, whole):
    chance = random.Random(seed)
    rows = np.random.default_rng(seed).permutation(12_000)
    names = [*table] if seed % 10 == 0 else chance.sample([*table], 3)
    cuts = sorted(chance.choices(range(12_001), k=chance.randint(0, 6)))
    some = {name: table[name] for name in table if name in names}
    parts = [
        make.profile_of(some, rows[start:end], chance.choice(KERNELS), step=chance.choice([None, None, 997]))
        for start, end in zip([0, *cuts], [*cuts, 12_000], strict=True)
    ]
    found = merged_by_a_random_tree(parts, chance)
    expected = whole if len(names) == len(table) else make.profile_of(some, np.arange(12_000)).to_bytes()
    assert found.to_bytes() == expected


def test_the_table_of_these_tests_holds_columns_of_both_forms(table, make):
    states = make.profile_of(table, np.arange(12_000)).states
    kept = {name: [state.sketch is None for state in column.states.values()] for name, column in states.items()}
    assert kept["normal"] == kept["extreme"] == [True]
    assert kept["row"] == kept["mail"] == kept["huge"] == [False]


def test_merging_with_no_table_changes_nothing(table, make, whole):
    assert empty_profile().merge(Profile.from_bytes(whole)).merge(empty_profile()).to_bytes() == whole


def test_one_more_value_than_is_kept_exactly_turns_a_column_into_a_sketch_in_any_order(make):
    values = np.arange(8193)
    table = {"n": NumberBuffer("integer", values), "t": make.texts([str(value).encode() for value in values])}
    whole = make.profile_of(table, values)
    assert whole["n"].distinct.low == whole["t"].distinct.low == 8193
    assert make.profile_of(table, values[:8192])["n"].distinct.exact
    for cut in (1, 4000, 8192):
        first, second = make.profile_of(table, values[:cut]), make.profile_of(table, values[cut:])
        assert first.merge(second) == second.merge(first) == whole


def test_a_dictionary_gives_the_bytes_of_its_texts(make):
    codes = np.random.default_rng(1).integers(-1, 4, 5000)
    words = make.texts([b"", b"low", b"high", b"low"])
    coded = TextBuffer("text", words.offsets, words.data, codes=codes)
    plain = make.texts([[b"", b"low", b"high", b"low"][code] if code >= 0 else None for code in codes.tolist()])
    rows = np.arange(5000)
    assert make.profile_of({"t": coded}, rows) == make.profile_of({"t": plain}, rows)


def test_a_large_dictionary_of_which_little_is_used_keeps_a_sample_as_large_as_its_texts_would(make):
    words = [f"w{number}".encode() for number in range(30_000)]
    held = make.texts(words)
    codes = np.random.default_rng(2).integers(0, 10_000, 40_000)
    coded = make.profile_of({"t": TextBuffer("text", held.offsets, held.data, codes=codes)}, np.arange(40_000))
    plain = make.profile_of({"t": make.texts([words[code] for code in codes.tolist()])}, np.arange(40_000))
    assert coded == plain
    (state,) = coded.states["t"].states.values()
    assert SAMPLED // 2 < len(state.entries.hashes) <= SAMPLED


def test_a_column_that_a_part_lacks_counts_as_missing_there(make):
    one = make.profile_of({"a": NumberBuffer("integer", np.arange(5))}, np.arange(5))
    two = make.profile_of({"b": NumberBuffer("integer", np.arange(3))}, np.arange(3))
    both = one.merge(two)
    assert (both.rows, both["a"].nulls, both["b"].nulls) == (8, 3, 5)
    assert both == two.merge(one)
    spelled = {
        "a": NumberBuffer("integer", np.append(np.arange(5), [9, 9, 9]), np.arange(8) < 5),
        "b": NumberBuffer("integer", np.append(np.zeros(5, dtype=np.int64), np.arange(3)), np.arange(8) >= 5),
    }
    assert make.profile_of(spelled, np.arange(8)).duplicates == both.duplicates


def test_a_column_whose_type_changes_keeps_both_kinds_and_says_so(make):
    one = make.profile_of({"a": NumberBuffer("integer", np.arange(5))}, np.arange(5))
    two = make.profile_of({"a": make.texts([b"x", None])}, np.arange(2))
    both = one.merge(two)
    assert both["a"].kind == "mixed"
    assert both["a"].kinds == {"integer": 5, "text": 1}
    assert (both["a"].nulls, both["a"].max) == (1, 4)
    assert both == two.merge(one)


def test_a_thousand_columns_keep_a_smaller_sample_and_merge(make):
    wide = {f"c{number}": NumberBuffer("integer", np.arange(300) % (number + 2)) for number in range(1000)}
    whole = make.profile_of(wide, np.arange(300))
    assert len(whole.sample) == 64
    assert make.profile_of(wide, np.arange(200)).merge(make.profile_of(wide, np.arange(200, 300))) == whole
