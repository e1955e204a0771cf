"""Hashes a few bits apart are found whatever bits they are; one record of a group survives by its rule."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data.hamming import hash_pairs, near_hashes
from roadworthy.data.set_join import components
from roadworthy.data.survivors import survivors
from roadworthy.kernel.errors import DataError

CLOSE = st.lists(st.tuples(st.integers(0, 2), st.sets(st.integers(0, 63), max_size=5)), max_size=12)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(CLOSE, st.integers(0, 9))
def test_pairs_are_those_that_counting_finds(drawn: list[tuple[int, set[int]]], bits: int) -> None:
    bases = (0, (1 << 64) - 1, 0x0123456789ABCDEF)
    held = [bases[base] ^ sum(1 << bit for bit in flipped) for base, flipped in drawn]
    apart = {(a, b): (held[a] ^ held[b]).bit_count() for b in range(len(held)) for a in range(b)}
    hashes = np.array(held, dtype=np.uint64)
    one, other, found = hash_pairs(hashes, bits=bits)
    assert dict(zip(zip(one.tolist(), other.tolist(), strict=True), found.tolist(), strict=True)) == {
        pair: count for pair, count in apart.items() if count <= bits
    }
    assert near_hashes(hashes, bits=bits).tolist() == components(one, other, rows=len(held)).tolist()


def test_planted_copies_among_many_are_found() -> None:
    random = np.random.default_rng(3)
    hashes = random.integers(0, 1 << 64, 30_000, dtype=np.uint64)
    copies = hashes[:500].copy()
    for _ in range(6):
        copies ^= np.uint64(1) << random.integers(0, 64, 500, dtype=np.uint64)
    group = near_hashes(np.concatenate([hashes, copies]), bits=6)
    assert group[30_000:].tolist() == list(range(500))
    assert len(np.unique(group)) == 30_000


def test_far_apart_is_no_near_duplicate() -> None:
    with pytest.raises(DataError, match="20 bits apart"):
        near_hashes(np.zeros(2, np.uint64), bits=20)


TABLE = pl.DataFrame(
    {
        "name": ["ann", "ann", "", "bob"],
        "phone": [None, "2", "3", None],
        "seen": [3.0, None, 5.0, 1.0],
        "source": ["web", "crm", "web", "?"],
    }
)
GROUP = np.array([0, 0, 0, 3])


@pytest.mark.parametrize(
    ("rule", "rest", "kept"),
    [
        ("first", {}, 0),
        ("newest", {"by": "seen"}, 2),
        ("most_complete", {}, 0),
        ("trusted", {"by": "source", "trusted": ["crm", "web"]}, 1),
        ("trusted", {"by": "source", "trusted": ["other"]}, 0),
    ],
)
def test_survivors(rule: str, rest: dict[str, object], kept: int) -> None:
    assert survivors(TABLE, GROUP, rule=rule, **rest).tolist() == [kept, kept, kept, 3]


def test_a_rule_that_cannot_be_followed_is_an_error() -> None:
    with pytest.raises(DataError, match="no rule 'newst'") as caught:
        survivors(TABLE, GROUP, rule="newst")
    assert "newest" in caught.value.fix
    with pytest.raises(DataError, match="no column to read") as caught:
        survivors(TABLE, GROUP, rule="newest", by="sen")
    assert "seen" in caught.value.fix
