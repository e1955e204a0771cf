"""Counts of keys that share their leading bits: a histogram whose state does not depend on the order of arrival.

A bucket holds the keys with the same `key >> shift`. The shift is the least that leaves no more buckets than allowed,
which is a property of the set of keys alone: as rows are added it only grows, and two parts meet at the larger of
their shifts. A bucket knows whether it has seen one value only, and which.

Source: the bit-wise relative of UDDSketch's uniform collapse (Epicoco et al. 2020, IEEE Access 8:147604), made
canonical.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.measures.profile.hashing import Words

_POWERS = np.uint64(1) << np.arange(64, dtype=np.uint64)


class Buckets(Struct, frozen=True):
    """Buckets in ascending order of their keys.

    Attributes:
        shift: how many low bits of a key are dropped; 0 keeps every value apart.
        prefix: `key >> shift`, ascending, each once.
        count: rows in each bucket, at least 1.
        value: the key itself where the bucket saw one value only; else the prefix, shifted back.
        many: whether the bucket saw more than one value.
    """

    shift: int
    prefix: Words
    count: NDArray[np.int64]
    value: Words
    many: NDArray[np.bool_]

    @property
    def low(self) -> Words:
        """The least key that each bucket may hold."""
        return self.value

    @property
    def high(self) -> Words:
        """The largest key that each bucket may hold."""
        return np.where(self.many, self.value | np.uint64((1 << self.shift) - 1), self.value)


def no_buckets() -> Buckets:
    """Buckets of no rows."""
    none = np.empty(0, dtype=np.uint64)
    return Buckets(0, none, np.empty(0, dtype=np.int64), none, np.empty(0, dtype=np.bool_))


def exact_buckets(keys: Words, counts: NDArray[np.int64]) -> Buckets:
    """One bucket for each of these ascending keys."""
    return Buckets(0, keys, counts, keys, np.zeros(len(keys), dtype=np.bool_))


def collapsed(buckets: Buckets, limit: int) -> Buckets:
    """The same rows in at most `limit` buckets, by the least shift that does it.

    >>> four = exact_buckets(np.array([0, 1, 2, 7], dtype=np.uint64), np.array([1, 1, 1, 5]))
    >>> two = collapsed(four, 2)
    >>> two.shift, two.prefix.tolist(), two.count.tolist(), two.value.tolist(), two.many.tolist()
    (2, [0, 1], [3, 5], [0, 7], [True, False])
    """
    return coarser(buckets, buckets.shift + shift_for(buckets.prefix, limit))


def counted(ordered: Words, *, shift: int, limit: int) -> Buckets:
    """Rows of these ascending keys (a key may stand often) in at most `limit` buckets.

    >>> counted(np.array([4, 4, 6, 9], dtype=np.uint64), shift=0, limit=2).count.tolist()
    [3, 1]
    """
    if len(ordered) == 0:
        none = no_buckets()
        return Buckets(shift, none.prefix, none.count, none.value, none.many)
    prefix = ordered >> np.uint64(shift) if shift else ordered
    more = shift_for(prefix, limit)
    prefix = prefix >> np.uint64(more) if more else prefix
    first = np.flatnonzero(np.concatenate([[True], prefix[1:] != prefix[:-1]]))
    last = np.append(first[1:], len(ordered))
    many = ordered[first] != ordered[last - 1]
    value = np.where(many, prefix[first] << np.uint64(shift + more), ordered[first])
    return Buckets(shift + more, prefix[first], last - first, value, many)


def shift_for(ordered: Words, limit: int) -> int:
    """The least number of low bits to drop from ascending words so that at most `limit` of them differ.

    Two neighbours become one as soon as all bits in which they differ are dropped.
    """
    if len(ordered) <= limit:
        return 0
    differing = np.searchsorted(_POWERS, ordered[1:] ^ ordered[:-1], side="right")
    left = 1 + len(differing) - np.cumsum(np.bincount(differing, minlength=65))
    return int(np.argmax(left <= limit))


def coarser(buckets: Buckets, shift: int) -> Buckets:
    """The same rows at a larger shift."""
    more = shift - buckets.shift
    if more == 0:
        return buckets
    prefix = buckets.prefix >> np.uint64(more)
    return _grouped(shift, prefix, buckets)


def merged(first: Buckets, second: Buckets, *, limit: int) -> Buckets:
    """The rows of both in at most `limit` buckets."""
    shift = max(first.shift, second.shift)
    one, two = coarser(first, shift), coarser(second, shift)
    order = np.argsort(np.concatenate([one.prefix, two.prefix]), kind="stable")
    both = Buckets(
        shift,
        np.concatenate([one.prefix, two.prefix])[order],
        np.concatenate([one.count, two.count])[order],
        np.concatenate([one.value, two.value])[order],
        np.concatenate([one.many, two.many])[order],
    )
    return collapsed(_grouped(shift, both.prefix, both), limit)


def _grouped(shift: int, prefix: Words, rows: Buckets) -> Buckets:
    """Neighbours with the same prefix as one bucket."""
    if len(prefix) == 0:
        return Buckets(shift, prefix, rows.count, rows.value, rows.many)
    first = np.flatnonzero(np.concatenate([[True], prefix[1:] != prefix[:-1]]))
    least, most = np.minimum.reduceat(rows.value, first), np.maximum.reduceat(rows.value, first)
    many = (least != most) | np.logical_or.reduceat(rows.many, first)
    kept = prefix[first]
    value = np.where(many, kept << np.uint64(shift), least)
    return Buckets(shift, kept, np.add.reduceat(rows.count, first), value, many)
