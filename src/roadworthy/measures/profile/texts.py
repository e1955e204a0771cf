"""The state of a column of texts: every distinct text with its count while there are few, sketches once there are many.

A text is known by its hash; of its bytes the first 64 are kept. Up to 8,192 distinct texts are kept exactly. Above
that, what is kept are registers, Count-Min tables of texts and of patterns, counts of classes, the lengths, and a
sample of at most 512 distinct texts: those whose hash is below 2^64 / 2^level, with the least level that leaves no
more.

Source: the sample is that of Gibbons (2001), VLDB: 541-550.
"""

from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.measures.profile import registers as hll
from roadworthy.measures.profile.buckets import exact_buckets
from roadworthy.measures.profile.countmin import Cells, cells_of
from roadworthy.measures.profile.hashing import Words
from roadworthy.measures.profile.kernels import Kernel, Shapes, Tally
from roadworthy.measures.profile.keys import int_keys
from roadworthy.measures.profile.numbers import EXACT, Numbers, merged_numbers, numbers_of
from roadworthy.measures.profile.shapes import SHOWN, shapes_of
from roadworthy.measures.profile.strings import Strings

SAMPLED = 512
"""Distinct texts that are left of a column with more than it keeps exactly."""

VALUE_CELLS = 1024
PATTERN_CELLS = 256


class Given(NamedTuple):
    """Texts end to end, each counted `weights` times, once by default.

    `used` are the places of those counted at all, all by default.
    """

    texts: Strings
    hashes: Words
    weights: NDArray[np.int64] | None = None
    used: NDArray[np.intp] | None = None

    def at(self, level: int = 0) -> NDArray[np.intp]:
        """Places of the texts that are counted and that a sample of this level holds."""
        if self.used is None:
            return np.flatnonzero(_within(self.hashes, level))
        return self.used[_within(self.hashes[self.used], level)]


class Entries(Struct, frozen=True):
    """Distinct texts in ascending order of their hashes.

    Attributes:
        hashes: of the whole text.
        counts: rows that hold it.
        chars: characters in it.
        classes: see `shapes`.
        shown: its first 64 bytes.
    """

    hashes: Words
    counts: NDArray[np.int64]
    chars: NDArray[np.int64]
    classes: NDArray[np.uint8]
    shown: Strings


class TextSketch(Struct, frozen=True):
    """What is kept of all rows once the entries are only a sample.

    Attributes:
        level: the entries are those with a hash below 2^64 / 2^level.
        registers: of distinct texts.
        cells: how often a text stands.
        patterns: how often a pattern stands.
        classes: rows by the classes of their characters (256 counts).
        lengths: characters in each row, as numbers.
    """

    level: int
    registers: hll.Registers
    cells: Cells
    patterns: Cells
    classes: NDArray[np.int64]
    lengths: Numbers


class Texts(Struct, frozen=True):
    """The state of the texts of one kind in a column; `sketch` is None while the entries are all there are."""

    tag: str
    entries: Entries
    sketch: TextSketch | None = None

    @property
    def rows(self) -> int:
        """Rows that are not missing."""
        return self.lengths.rows if self.sketch is not None else int(self.entries.counts.sum())

    @property
    def lengths(self) -> Numbers:
        """Characters in each row."""
        if self.sketch is not None:
            return self.sketch.lengths
        return _weighed_lengths(self.entries.chars, self.entries.counts)

    @property
    def classes(self) -> NDArray[np.int64]:
        """Rows by the classes of their characters."""
        return self.sketch.classes if self.sketch is not None else _by_class(self.entries)


def texts_of(given: Given, *, tag: str, kernel: Kernel, known: Texts | None = None) -> Texts:
    """The state of these texts; what is known already saves work."""
    if known is None or known.sketch is None:
        entries = _every_entry(given, kernel)
        if entries is not None:
            return Texts(tag, entries)
    level = 0 if known is None or known.sketch is None else known.sketch.level
    shapes = kernel.shapes(given.texts.offsets, given.texts.data)
    entries, level = _chosen(given, shapes, level, kernel)
    weights, hashes = given.weights, given.hashes
    if weights is None and given.used is not None:
        shapes, hashes = _of_rows(shapes, given.used), hashes[given.used]
    return Texts(
        tag,
        entries,
        TextSketch(
            level=level,
            registers=kernel.registers(given.hashes if given.used is None else given.hashes[given.used]),
            cells=kernel.cells(hashes, weights, width=VALUE_CELLS),
            patterns=kernel.cells(shapes.patterns, weights, width=PATTERN_CELLS),
            classes=_counted(shapes.classes, weights),
            lengths=_lengths(shapes.chars, weights, kernel),
        ),
    )


def merged_texts(first: Texts, second: Texts) -> Texts:
    """The state of the rows of both."""
    entries = merged_entries(first.entries, second.entries)
    if first.sketch is None and second.sketch is None and len(entries.hashes) <= EXACT:
        return Texts(first.tag, entries)
    one, two = _sketch_from(first), _sketch_from(second)
    entries, level = _sampled(entries, max(one.level, two.level))
    return Texts(
        first.tag,
        entries,
        TextSketch(
            level=level,
            registers=np.maximum(one.registers, two.registers),
            cells=one.cells + two.cells,
            patterns=one.patterns + two.patterns,
            classes=one.classes + two.classes,
            lengths=merged_numbers(one.lengths, two.lengths),
        ),
    )


def merged_entries(first: Entries, second: Entries) -> Entries:
    """Distinct texts of both, with the counts of both."""
    hashes = np.concatenate([first.hashes, second.hashes])
    kept, at, place = np.unique(hashes, return_index=True, return_inverse=True)
    counts = np.zeros(len(kept), dtype=np.int64)
    np.add.at(counts, place, np.concatenate([first.counts, second.counts]))
    return Entries(
        kept,
        counts,
        np.concatenate([first.chars, second.chars])[at],
        np.concatenate([first.classes, second.classes])[at],
        first.shown.joined(second.shown).taken(at),
    )


def _every_entry(given: Given, kernel: Kernel) -> Entries | None:
    tally = kernel.tally(given.hashes if given.used is None else given.hashes[given.used], limit=EXACT)
    if tally is None:
        return None
    places = tally.places if given.used is None else given.used[tally.places]
    some = given.texts.taken(places)
    shapes = kernel.shapes(some.offsets, some.data)
    return _entries(given, tally, shapes, places)


def _chosen(given: Given, shapes: Shapes, level: int, kernel: Kernel) -> tuple[Entries, int]:
    """The distinct texts of the least level, from this one up, that leaves no more than allowed; and that level."""
    while True:
        at = given.at(level)
        tally = kernel.tally(given.hashes[at], limit=SAMPLED)
        if tally is not None:
            break
        level += 1
    places = at[tally.places]
    few = _of_rows(shapes, places)
    some = Given(given.texts, given.hashes[at], None if given.weights is None else given.weights[at])
    return _entries(some, tally, few, places), level


def _of_rows(shapes: Shapes, rows: NDArray[np.intp]) -> Shapes:
    return Shapes(shapes.chars[rows], shapes.classes[rows], shapes.patterns[rows])


def _entries(given: Given, tally: Tally, shapes: Shapes, places: NDArray[np.int64]) -> Entries:
    counts = tally.counts
    if given.weights is not None:
        counts = np.zeros(len(tally.words), dtype=np.int64)
        used = slice(None) if given.used is None else given.used
        np.add.at(counts, np.searchsorted(tally.words, given.hashes[used]), given.weights[used])
    return Entries(tally.words, counts, shapes.chars, shapes.classes, given.texts.taken(places, longest=SHOWN))


def _sampled(entries: Entries, level: int) -> tuple[Entries, int]:
    """The entries of the least level, from this one up, that leaves no more than allowed; and that level."""
    kept = int(_within(entries.hashes, level).sum())
    while kept > SAMPLED:
        level += 1
        kept = int(_within(entries.hashes, level).sum())
    # ascending hashes: what is within a level comes first
    cut = Entries(
        entries.hashes[:kept],
        entries.counts[:kept],
        entries.chars[:kept],
        entries.classes[:kept],
        entries.shown.taken(np.arange(kept)),
    )
    return cut, level


def _within(hashes: Words, level: int) -> NDArray[np.bool_]:
    if level == 0:
        return np.ones(len(hashes), dtype=np.bool_)
    return hashes < np.uint64(1 << (64 - level))


def _sketch_from(state: Texts) -> TextSketch:
    """The sketch of a state that holds every text."""
    if state.sketch is not None:
        return state.sketch
    entries = state.entries
    patterns = shapes_of(entries.shown.offsets, entries.shown.data).patterns
    return TextSketch(
        level=0,
        registers=hll.registers_of(entries.hashes),
        cells=cells_of(entries.hashes, entries.counts, width=VALUE_CELLS),
        patterns=cells_of(patterns, entries.counts, width=PATTERN_CELLS),
        classes=_by_class(entries),
        lengths=_weighed_lengths(entries.chars, entries.counts),
    )


def _by_class(entries: Entries) -> NDArray[np.int64]:
    return _counted(entries.classes, entries.counts)


def _counted(classes: NDArray[np.uint8], weights: NDArray[np.int64] | None) -> NDArray[np.int64]:
    if weights is None:
        return np.bincount(classes, minlength=256)
    found = np.zeros(256, dtype=np.int64)
    np.add.at(found, classes, weights)
    return found


def _lengths(chars: NDArray[np.int64], weights: NDArray[np.int64] | None, kernel: Kernel) -> Numbers:
    if weights is None:
        return numbers_of(int_keys(chars), tag="integer", kernel=kernel)
    return _weighed_lengths(chars, weights, kernel)


def _weighed_lengths(chars: NDArray[np.int64], counts: NDArray[np.int64], kernel: Kernel | None = None) -> Numbers:
    chars, counts = chars[counts > 0], counts[counts > 0]
    lengths, place = np.unique(chars, return_inverse=True)
    if len(lengths) > EXACT and kernel is not None:
        return numbers_of(int_keys(np.repeat(chars, counts)), tag="integer", kernel=kernel)
    times = np.zeros(len(lengths), dtype=np.int64)
    np.add.at(times, place, counts)
    return Numbers("integer", exact_buckets(int_keys(lengths), times))
