"""Many sets of 64-bit hashes in two arrays: what texts and rows become before they are held against each other."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Rows = NDArray[np.int64]

_SHINGLE = 4
_MOST_WORDS = 3_000
_BATCH = 1 << 24
_LINK = r"(?:https?://|www\.)\S+"
_ADDRESS = r"[^\s<>,;:\"'()\[\]@]{1,128}@[^\s<>,;:\"'()\[\]@]{1,253}"
_MARK = r"p-[0-9a-f]{12}"
_WORD = r"[^\W\d_]+|\d+"


class Sets(Struct, frozen=True):
    """Set `row` holds `items[starts[row]:starts[row + 1]]`, sorted and distinct.

    >>> Sets.of([3, 1, 3], [0, 0, 0], rows=2).lists()
    [[1, 3], []]
    """

    items: Hashes
    starts: Rows

    @classmethod
    def of(cls, items: Sequence[int] | Hashes, row: Sequence[int] | Rows, *, rows: int) -> "Sets":
        """Sets from one row number per item, in any order; what stands twice in a row counts once."""
        held, owner = np.asarray(items, dtype=np.uint64), np.asarray(row, dtype=np.int64)
        order = np.lexsort((held, owner))
        held, owner = held[order], owner[order]
        first = np.ones(len(held), dtype=bool)
        first[1:] = (held[1:] != held[:-1]) | (owner[1:] != owner[:-1])
        return cls(held[first], np.concatenate([[0], np.cumsum(np.bincount(owner[first], minlength=rows))]))

    @property
    def sizes(self) -> Rows:
        """How many items each set has."""
        return np.diff(self.starts)

    @property
    def owners(self) -> Rows:
        """The row of each item."""
        return np.repeat(np.arange(len(self.starts) - 1), self.sizes)

    def lists(self) -> list[list[int]]:
        """The sets as lists, for people."""
        return [part.tolist() for part in self.parts()]

    def parts(self) -> list[Hashes]:
        """The sets as arrays of their own."""
        return [self.items[a:b] for a, b in zip(self.starts[:-1], self.starts[1:], strict=True)]

    def taken(self, rows: Rows) -> "Sets":
        """The sets of these rows, in that order."""
        sizes = self.sizes[rows]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        places = np.repeat(self.starts[rows] - starts[:-1], sizes) + np.arange(starts[-1])
        return Sets(self.items[places], starts)

    def shared(self, one: Rows, other: Rows) -> Rows:
        """How many items the sets of each pair of rows share.

        >>> Sets.of([1, 2, 2, 3], [0, 0, 1, 1], rows=2).shared(np.array([0]), np.array([1])).tolist()
        [1]
        """
        _, item = np.unique(self.items, return_inverse=True)
        keys = (self.owners.astype(np.uint64) << np.uint64(32)) | item.astype(np.uint64)
        sizes = self.sizes[other]
        pair = np.repeat(np.arange(len(other)), sizes)
        place = np.repeat(self.starts[other] - np.cumsum(sizes) + sizes, sizes) + np.arange(len(pair))
        wanted = (one[pair].astype(np.uint64) << np.uint64(32)) | item[place].astype(np.uint64)
        found = np.searchsorted(keys, wanted)
        hit = keys[np.minimum(found, len(keys) - 1)] == wanted if len(keys) else found.astype(bool)
        counts: Rows = np.bincount(pair[hit], minlength=len(other))
        return counts

    def first_equal(self) -> Rows:
        """Row number of the first row with the same set; a row with an empty set stands alone."""
        rows = np.arange(len(self.starts) - 1)
        sums, mixes = (segment_sums(values, self.starts) for values in (self.items, mixed(self.items)))
        # 128 bits and the size tell two sets apart
        frame = pl.DataFrame({"size": self.sizes, "sum": sums, "mix": mixes, "row": rows})
        first = frame.select(pl.col("row").min().over("size", "sum", "mix"))["row"].to_numpy()
        return np.where(self.sizes > 0, first, rows)


def segment_sums(values: Hashes, starts: Rows) -> Hashes:
    """Sum of each segment, modulo 2^64."""
    total = np.zeros(len(values) + 1, dtype=np.uint64)
    np.cumsum(values, out=total[1:])
    sums: Hashes = total[starts[1:]] - total[starts[:-1]]
    return sums


def mixed(values: Hashes) -> Hashes:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def shingles(texts: Sequence[str] | pl.Series, *, length: int = _SHINGLE) -> Sets:
    """Hashes of the runs of `length` words of each text; a shorter text is one run, one without a word is empty.

    Case and numbers do not count, nor what links and addresses say, nor what comes after the first 3,000 words. Marks
    of pseudonyms are masked as addresses are: two keys give the same sets.

    >>> shingles(["Mail p-0123456789ab@x.org 12 times", "mail p-ba9876543210@x.org 7 TIMES"]).first_equal().tolist()
    [0, 0]
    """
    column = as_texts(texts)
    items, owners = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for begin, end in _batches(column):
        words = _words(column[begin:end])
        counts = words.list.len().to_numpy().astype(np.int64)
        hashed, row = _runs(_hashes(words), counts, length)
        part = Sets.of(hashed, row, rows=end - begin)
        items.append(part.items)
        owners.append(part.owners + begin)
    held, owner = np.concatenate(items), np.concatenate(owners)
    return Sets(held, np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=column.len()))]))


def as_texts(texts: Sequence[str] | pl.Series) -> pl.Series:
    """Texts as a column; half characters, which no column can hold, become question marks."""
    if isinstance(texts, pl.Series):
        return texts.fill_null("")
    try:
        return pl.Series(texts, dtype=pl.String)
    except UnicodeEncodeError:
        return pl.Series([text.encode("utf-8", "replace").decode("utf-8") for text in texts], dtype=pl.String)


def _batches(texts: pl.Series) -> Iterator[tuple[int, int]]:
    """Ranges of rows with about sixteen million bytes of text together."""
    held = np.cumsum(texts.str.len_bytes().fill_null(0).to_numpy().astype(np.int64))
    begin = 0
    while begin < len(held):
        before = held[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(held, before + _BATCH)))
        yield begin, end
        begin = end


def _words(texts: pl.Series) -> pl.Series:
    plain = texts.str.slice(0, _MOST_WORDS * 12).str.to_lowercase()
    for pattern, word in ((_LINK, " link "), (_ADDRESS, " address "), (_MARK, " address ")):
        plain = plain.str.replace_all(pattern, word)
    return plain.str.extract_all(_WORD).list.head(_MOST_WORDS)


def _hashes(words: pl.Series) -> Hashes:
    """A hash of every word, all numbers being one word."""
    flat = words.explode(empty_as_null=False, keep_nulls=False)
    number = flat.str.contains(r"^\d").to_numpy()
    return np.where(number, np.uint64(1), flat.hash(seed=0).to_numpy())


def _runs(words: Hashes, counts: Rows, length: int) -> tuple[Hashes, Rows]:
    """One hash for each run of words, and the row it belongs to."""
    if not len(words):
        return words, np.empty(0, np.int64)
    ends = np.cumsum(counts)
    runs = np.where(counts > 0, np.maximum(counts - length + 1, 1), 0)
    row = np.repeat(np.arange(len(counts)), runs)
    start = (ends - counts)[row] + np.arange(len(row)) - np.repeat(np.cumsum(runs) - runs, runs)
    held = np.zeros(len(row), dtype=np.uint64)
    for place in range(length):
        at = start + place
        more = mixed(held * np.uint64(0x9E3779B97F4A7C15) + words[np.minimum(at, len(words) - 1)])
        held = np.where(at < ends[row], more, held)
    return held, row
