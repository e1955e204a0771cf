"""Near-duplicates: groups of texts that share most of their runs of four words.

MinHash signatures propose pairs (Broder 1997; banding as in Leskovec, Rajaraman and Ullman, Mining of Massive Datasets,
chapter 3), the exact Jaccard similarity of the shingle sets decides, union-find makes groups.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_SHINGLE = 4
_MOST_WORDS = 3_000
_BANDS = 21
_ROWS = 3
_SEED = 20_231
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_CHUNK = 1 << 22


def near_duplicates(texts: Sequence[str], *, similarity: float = 0.6) -> NDArray[np.int64]:
    """A group number for every text; near-duplicates share one.

    Case, links and numbers do not count, nor what comes after the first 3,000 words. Texts without a word stand alone.

    Args:
        texts: any texts.
        similarity: least Jaccard similarity of the sets of four-word runs, in (0, 1].

    Returns:
        int64 (len(texts),): the row number of the first member of each group.

    >>> near_duplicates(["buy the new cheap watch now 1", "BUY the new cheap watch now 2", "hello"]).tolist()
    [0, 0, 2]
    """
    sets = shingle_sets(texts)
    group = _equal_sets(sets)
    leaders = np.flatnonzero((group == np.arange(len(texts))) & np.array([len(one) > 0 for one in sets], dtype=bool))
    if len(leaders):
        signatures = _signatures([sets[row] for row in leaders])
        parent = _merge(leaders, signatures, sets, similarity=similarity)
        group = parent[group]
    return group


def shingle_sets(texts: Sequence[str]) -> list[NDArray[np.uint64]]:
    """Sorted distinct hashes of the four-word runs of each text; empty where there is no word."""
    numbers: dict[str, int] = {}
    sets: list[NDArray[np.uint64]] = []
    for text in texts:
        words = _words(text)
        ids = np.fromiter((numbers.setdefault(word, len(numbers)) for word in words), np.uint64, len(words))
        sets.append(np.unique(_runs(_mixed(ids + np.uint64(1)))) if len(ids) else ids)
    return sets


def _words(text: str) -> list[str]:
    plain = _LINK.sub(" link ", text[: _MOST_WORDS * 12].lower())
    return ["0" if word[0].isdigit() else word for word in _WORD.findall(plain)[:_MOST_WORDS]]


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _runs(ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One hash for each run of four; a shorter text is one run."""
    length = max(1, len(ids) - _SHINGLE + 1)
    held = np.zeros(length, dtype=np.uint64)
    for place in range(min(_SHINGLE, len(ids))):
        held = _mixed(held * np.uint64(0x9E3779B97F4A7C15) + ids[place : place + length])
    return held


def _equal_sets(sets: Sequence[NDArray[np.uint64]]) -> NDArray[np.int64]:
    """Row number of the first row with the same set; rows without words stand alone."""
    first: dict[bytes, int] = {}
    return np.array(
        [first.setdefault(one.tobytes(), row) if len(one) else row for row, one in enumerate(sets)], dtype=np.int64
    )


def _signatures(sets: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Least hash of each set under each of 63 hash functions: (sets, bands * rows)."""
    random = np.random.default_rng(_SEED)
    factors = random.integers(1, 1 << 63, _BANDS * _ROWS, dtype=np.uint64) | np.uint64(1)
    lengths = np.array([len(one) for one in sets])
    out = np.empty((len(sets), len(factors)), dtype=np.uint64)
    for begin, end in _chunks(lengths):
        flat = np.concatenate(sets[begin:end])
        starts = np.concatenate([[0], np.cumsum(lengths[begin : end - 1])])
        for place, factor in enumerate(factors):
            # The shingles are hashes already: an odd multiple, of which the high bits count, orders them anew.
            out[begin:end, place] = np.minimum.reduceat(flat * factor, starts)
    return out


def _chunks(lengths: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Ranges of sets that hold about four million shingles together."""
    begin = held = 0
    for place, length in enumerate(lengths.tolist()):
        held += length
        if held >= _CHUNK:
            yield begin, place + 1
            begin, held = place + 1, 0
    if begin < len(lengths):
        yield begin, len(lengths)


def _merge(
    leaders: NDArray[np.int64],
    signatures: NDArray[np.uint64],
    sets: Sequence[NDArray[np.uint64]],
    *,
    similarity: float,
) -> NDArray[np.int64]:
    """Join rows that share a band and are alike enough; each is held against the first of its bucket and the last."""
    parent = np.arange(len(sets), dtype=np.int64)
    for band in range(_BANDS):
        keys = np.ascontiguousarray(signatures[:, band * _ROWS : (band + 1) * _ROWS])
        order = np.lexsort((leaders, *keys.T))
        same = (keys[order[1:]] == keys[order[:-1]]).all(axis=1)
        first = 0
        for place in np.flatnonzero(same).tolist():
            if place == 0 or not same[place - 1]:
                first = int(leaders[order[place]])
            row, before = int(leaders[order[place + 1]]), int(leaders[order[place]])
            for other in (first,) if before == first else (first, before):
                _join(parent, row, other, sets=sets, similarity=similarity)
    return np.array([_root(parent, row) for row in range(len(parent))], dtype=np.int64)


def _join(
    parent: NDArray[np.int64], one: int, other: int, *, sets: Sequence[NDArray[np.uint64]], similarity: float
) -> None:
    roots = _root(parent, one), _root(parent, other)
    if roots[0] != roots[1] and jaccard(sets[one], sets[other]) >= similarity:
        parent[max(roots)] = min(roots)


def _root(parent: NDArray[np.int64], row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = int(parent[row])
    return row


def jaccard(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    """Shared elements by all elements of two sorted sets; 0 if one is empty.

    >>> jaccard(np.uint64([1, 2, 3]), np.uint64([2, 3, 4]))
    0.5
    """
    if not len(one) or not len(other):
        return 0.0
    places = np.searchsorted(one, other)
    shared = int((one[np.minimum(places, len(one) - 1)] == other).sum())
    return shared / (len(one) + len(other) - shared)
