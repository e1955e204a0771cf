"""All pairs of alike sets, found exactly, without holding every set against every other.

Two sets whose Jaccard similarity is at least t share an item among the rarest n - ceil(t n) + 1 of each (prefix
filter); pairs that share such an item are candidates, unless their sizes or a bitmap of 256 bits rule them out; the
rest are counted item by item.

Sources: Chaudhuri, Ganti and Kaushik (2006), ICDE (prefix filter); Xiao et al. (2011), ACM Trans. Database Syst. 36(3)
(rarity order, size filter); Sandes, Teodoro and Melo (2020), Inf. Syst. 88 (bitmap filter).
"""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from roadworthy.data.sets import Hashes, Rows, Sets, mixed

_CHUNK = 1 << 21
_MOST_PAIRS = 1 << 31
_BITS = 256
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


class Pairs(Struct, frozen=True):
    """Pairs of rows, each once, `one` < `other`, with their similarity.

    `complete` is False where so many candidates met that some were passed over.
    """

    one: Rows
    other: Rows
    similarity: NDArray[np.float64]
    complete: bool = True


class _Ranked(Struct, frozen=True):
    """Sets in order of size, their items as ranks from the rarest on; items that one set alone has are left out.

    Attributes:
        rows: the row that each place stands for.
        sizes: of the whole sets.
        keys: place << 32 | rank, ascending.
        starts: where the keys of each place begin.
        prefix: which keys belong to the prefix of their set.
        bitmap: (places, 4).
    """

    rows: Rows
    sizes: Rows
    keys: Hashes
    starts: Rows
    prefix: NDArray[np.bool_]
    bitmap: Hashes


def similar_pairs(sets: Sets, *, similarity: float) -> Pairs:
    """Every pair of sets with at least this Jaccard similarity; empty sets are like nothing.

    Args:
        sets: any sets.
        similarity: in (0, 1].

    >>> found = similar_pairs(Sets.of([1, 2, 3, 2, 3, 4, 9], [0, 0, 0, 1, 1, 1, 2], rows=3), similarity=0.5)
    >>> found.one.tolist(), found.other.tolist(), found.similarity.tolist()
    ([0], [1], [0.5])
    """
    ranked = _ranked(sets, similarity)
    entries = np.sort(_entries(ranked))
    place = (entries & _LOW).astype(np.int64)
    # partners come after an entry in its bucket, that is, are at least as large; and not too large
    most = np.floor(ranked.sizes[place] / similarity + 1e-9).astype(np.int64)
    last = np.searchsorted(ranked.sizes, most, side="right").astype(np.uint64)
    high = np.searchsorted(entries, (entries & ~_LOW) | last)
    kept = []
    low = np.arange(1, len(entries) + 1)
    high, complete = _bounded(low, high)
    for a, b in partners(low, high):
        kept.append(_verified(ranked, place[a], place[b], similarity))
    return _pairs(ranked, kept, complete=complete)


def similar_groups(sets: Sets, *, similarity: float) -> Rows:
    """Row number of the first member of each group; groups are joined by pairs that are alike enough.

    The same groups as the pairs would give, without looking at every pair of a large group.

    >>> similar_groups(Sets.of([1, 2, 3, 2, 3, 4, 9], [0, 0, 0, 1, 1, 1, 2], rows=3), similarity=0.5).tolist()
    [0, 0, 2]
    """
    equal = sets.first_equal()
    leaders = np.flatnonzero((equal == np.arange(len(equal))) & (sets.sizes > 0))
    ranked = _ranked(sets.taken(leaders), similarity)
    entries = np.sort(_entries(ranked))
    edges = _chains(ranked, entries, similarity)
    component = components(edges.one, edges.other, rows=len(leaders))
    rest = _across(ranked, entries, component, similarity=similarity)
    component = components(
        np.concatenate([edges.one, rest.one]), np.concatenate([edges.other, rest.other]), rows=len(leaders)
    )
    group = np.arange(len(equal))
    group[leaders] = leaders[component]
    return group[equal]


def components(one: Rows, other: Rows, *, rows: int) -> Rows:
    """Row number of the first row that each row is joined with, directly or through others.

    >>> components(np.array([1]), np.array([2]), rows=4).tolist()
    [0, 1, 1, 3]
    """
    if not rows:
        return np.empty(0, dtype=np.int64)
    joined = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(rows, rows))
    _, label = connected_components(joined, directed=False)
    first = np.full(int(label.max()) + 1, rows, dtype=np.int64)
    np.minimum.at(first, label, np.arange(rows))
    return first[label]


def partners(low: Rows, high: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Every entry with each of its partners `low <= partner < high`, some two million pairs at a time.

    >>> [(a.tolist(), b.tolist()) for a, b in partners(np.array([1, 2, 3]), np.array([3, 3, 3]))]
    [([0, 0, 1], [1, 2, 2])]
    """
    counts = np.maximum(high - low, 0)
    busy = np.flatnonzero(counts)
    done = np.concatenate([[0], np.cumsum(counts[busy])])
    begin = 0
    while begin < len(busy):
        end = max(begin + 1, int(np.searchsorted(done, done[begin] + _CHUNK, side="right")) - 1)
        taken = busy[begin:end]
        one = np.repeat(taken, counts[taken])
        other = np.arange(len(one)) - np.repeat(done[begin:end] - done[begin], counts[taken]) + low[one]
        yield one, other
        begin = end


def _bounded(low: Rows, high: Rows) -> tuple[Rows, bool]:
    """Partners per entry kept so few that all pairs together stay within bounds; and whether none was passed over."""
    counts = np.maximum(high - low, 0)
    most = int(counts.max(initial=0))
    while most > 1 and int(np.minimum(counts, most).sum()) > _MOST_PAIRS:
        most //= 2
    return np.minimum(high, low + most), bool(counts.max(initial=0) <= most)


def _ranked(sets: Sets, similarity: float) -> _Ranked:
    rows = np.flatnonzero(sets.sizes)
    sets = sets.taken(rows)
    _, inverse, counts = np.unique(sets.items, return_inverse=True, return_counts=True)
    rank = np.empty(len(counts), dtype=np.uint64)
    rank[np.argsort(counts, kind="stable")] = np.arange(len(counts), dtype=np.uint64)
    ranks, alone = rank[inverse], int((counts == 1).sum())
    sizes = sets.sizes
    least = np.minimum.reduceat(ranks, sets.starts[:-1]) if len(rows) else ranks
    # of sets of one size, those with the same rarest item stand side by side
    order = np.lexsort((least, sizes))
    place = np.empty(len(rows), dtype=np.uint64)
    place[order] = np.arange(len(rows), dtype=np.uint64)
    keys = np.sort((np.repeat(place, sizes) << _HALF) | ranks)
    sizes, rows = sizes[order], rows[order]
    position = np.arange(len(keys)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    needed = sizes - np.ceil(similarity * sizes - 1e-9).astype(np.int64) + 1
    shared = (keys & _LOW) >= np.uint64(alone)
    prefix = (position < np.repeat(needed, sizes))[shared]
    keys = keys[shared]
    starts = np.searchsorted(keys, np.arange(len(rows) + 1, dtype=np.uint64) << _HALF)
    return _Ranked(rows, sizes, keys, starts, prefix, _bitmap(keys, starts))


def _bitmap(keys: Hashes, starts: Rows) -> Hashes:
    """One bit out of 256 for each shared item."""
    bit = (mixed(keys & _LOW) >> np.uint64(56)).astype(np.uint64)
    words = np.zeros((len(starts) - 1, _BITS // 64), dtype=np.uint64)
    full = np.flatnonzero(np.diff(starts))
    for word in range(words.shape[1] if len(full) else 0):
        own = np.where(bit >> np.uint64(6) == word, np.uint64(1) << (bit & np.uint64(63)), np.uint64(0))
        words[full, word] = np.bitwise_or.reduceat(own, starts[full])
    return words


def _entries(ranked: _Ranked) -> Hashes:
    """Every item of a prefix as rank << 32 | place: sorted, they are buckets by item."""
    keys = ranked.keys[ranked.prefix]
    return (keys << _HALF) | (keys >> _HALF)


def _chains(ranked: _Ranked, entries: Hashes, similarity: float) -> Pairs:
    """In each bucket every member against the first, and against the one before: enough for most groups."""
    place, item = (entries & _LOW).astype(np.int64), entries >> _HALF
    new = np.concatenate([[True], item[1:] != item[:-1]]) if len(item) else np.zeros(0, dtype=bool)
    first = np.maximum.accumulate(np.where(new, np.arange(len(item)), 0))
    later = np.flatnonzero(~new)
    pairs = np.unique(
        np.concatenate([(place[later - 1] << 32) | place[later], (place[first[later]] << 32) | place[later]])
    )
    kept = [
        _verified(ranked, part >> 32, part & 0xFFFFFFFF, similarity)
        for part in np.array_split(pairs, len(pairs) // _CHUNK + 1)
    ]
    return _pairs(ranked, kept)


def _across(ranked: _Ranked, entries: Hashes, component: Rows, *, similarity: float) -> Pairs:
    """The pairs of each bucket that are not joined yet."""
    place, item = (entries & _LOW).astype(np.int64), entries >> _HALF
    joined = component[ranked.rows[place]]
    order = np.lexsort((joined, item))
    place, item, joined = place[order], item[order], joined[order]
    ends = np.flatnonzero(np.concatenate([item[1:] != item[:-1], [True]])) + 1 if len(item) else order
    bucket_end = ends[np.searchsorted(ends, np.arange(len(item)), side="right")]
    runs = (item[1:] != item[:-1]) | (joined[1:] != joined[:-1])
    ends = np.flatnonzero(np.concatenate([runs, [True]])) + 1 if len(item) else order
    run_end = ends[np.searchsorted(ends, np.arange(len(item)), side="right")]
    bucket_end, complete = _bounded(run_end, bucket_end)
    kept = [_verified(ranked, place[a], place[b], similarity) for a, b in partners(run_end, bucket_end)]
    return _pairs(ranked, kept, complete=complete)


def _verified(ranked: _Ranked, one: Rows, other: Rows, similarity: float) -> tuple[Rows, Rows, NDArray[np.float64]]:
    """Those pairs of places that are alike enough, with their similarity."""
    small, large = np.minimum(one, other), np.maximum(one, other)
    both = ranked.sizes[small] + ranked.sizes[large]
    fits = ranked.sizes[small] >= similarity * ranked.sizes[large] - 1e-9
    small, large, both = small[fits], large[fits], both[fits]
    apart = np.bitwise_count(ranked.bitmap[small] ^ ranked.bitmap[large]).sum(axis=1, dtype=np.int64)
    fits = apart <= both * ((1 - similarity) / (1 + similarity)) + 1e-9
    pairs = np.unique((small[fits] << 32) | large[fits])
    small, large = pairs >> 32, pairs & 0xFFFFFFFF
    shared = _overlaps(ranked, small, large)
    measured = shared / (ranked.sizes[small] + ranked.sizes[large] - shared)
    alike = measured >= similarity - 1e-12
    return small[alike], large[alike], measured[alike]


def _overlaps(ranked: _Ranked, small: Rows, large: Rows) -> Rows:
    """How many items each pair shares."""
    lengths = np.diff(ranked.starts)[large]
    shared = np.zeros(len(small), dtype=np.int64)
    done = np.concatenate([[0], np.cumsum(lengths)])
    begin = 0
    while begin < len(small):
        end = max(begin + 1, int(np.searchsorted(done, done[begin] + _CHUNK, side="right")) - 1)
        pair = np.repeat(np.arange(begin, end), lengths[begin:end])
        at = np.arange(len(pair)) - np.repeat(done[begin:end] - done[begin], lengths[begin:end])
        ranks = ranked.keys[ranked.starts[large[pair]] + at] & _LOW
        wanted = (small[pair].astype(np.uint64) << _HALF) | ranks
        found = np.searchsorted(ranked.keys, wanted)
        hit = ranked.keys[np.minimum(found, len(ranked.keys) - 1)] == wanted
        shared[begin:end] = np.bincount(pair[hit] - begin, minlength=end - begin)
        begin = end
    return shared


def _pairs(ranked: _Ranked, kept: list[tuple[Rows, Rows, NDArray[np.float64]]], *, complete: bool = True) -> Pairs:
    """Places turned into rows, each pair once."""
    none = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))
    small, large, measured = (np.concatenate(part) for part in zip(*kept, none, strict=True))
    one, other = np.minimum(ranked.rows[small], ranked.rows[large]), np.maximum(ranked.rows[small], ranked.rows[large])
    _, first = np.unique((one << 32) | other, return_index=True)
    return Pairs(one[first], other[first], measured[first], complete)
