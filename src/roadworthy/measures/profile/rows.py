"""A sample of whole rows: the distinct rows with the smallest hashes, and how often each stands.

The hash of a row depends on its values and the names of its columns alone, so the sample is the same whatever the
parts and their order, and uniform over the distinct rows. What is kept of a cell is its key, or the first 64 bytes of
a text.

Source: bottom-k sampling, Cohen and Kaplan (2007), PODC: 225-234.
"""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.measures.profile.hashing import Words
from roadworthy.measures.profile.strings import Strings, empty_strings

MOST, LEAST = 512, 64
CELLS = 16_384
"""A sample holds at most 512 rows; fewer where they would have more cells than that, but never below 64."""

Content = Words | Strings
"""Keys of numbers, or texts."""


class Cells(Struct, frozen=True):
    """The cells of one column and one kind in the rows of a sample.

    Attributes:
        present: whether the row has a value of this kind.
        content: key or text of each row; 0 or empty where it has none.
    """

    present: NDArray[np.bool_]
    content: Content


class RowSample(Struct, frozen=True):
    """Distinct rows in ascending order of their hashes.

    Attributes:
        hashes: of the rows.
        counts: how often each row stands in the table.
        cells: by column and tag; a column that a row lacks has nothing present.
        names: the least name of each row, where rows have names.
        whole: whether these are all distinct rows there are.
    """

    hashes: Words
    counts: NDArray[np.int64]
    cells: Mapping[tuple[str, str], Cells]
    names: list[str] | None = None
    whole: bool = True

    def __len__(self) -> int:
        """How many distinct rows it holds."""
        return len(self.hashes)


def size_for(columns: int) -> int:
    """How many rows a sample of so many columns may hold.

    >>> size_for(3), size_for(100), size_for(1000)
    (512, 163, 64)
    """
    return max(LEAST, min(MOST, CELLS // max(columns, 1)))


def no_sample() -> RowSample:
    """The sample of a table without rows."""
    return RowSample(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64), {}, None)


def merged_samples(first: RowSample, second: RowSample, *, size: int) -> RowSample:
    """The sample of the rows of both, with at most `size` rows, no more than either may hold.

    What is among the smallest hashes of both is among the smallest of each part that has it, so its count is complete.
    """
    hashes = np.concatenate([first.hashes, second.hashes])
    kept, at, place = np.unique(hashes, return_index=True, return_inverse=True)
    counts = np.zeros(len(kept), dtype=np.int64)
    np.add.at(counts, place, np.concatenate([first.counts, second.counts]))
    end = min(size, len(kept))
    whole = first.whole and second.whole and end == len(kept)
    at = at[:end]
    columns = dict.fromkeys([*first.cells, *second.cells])
    cells = {name: _joined(first, second, name, at) for name in columns}
    return RowSample(kept[:end], counts[:end], cells, _least_names(first, second, place, end), whole)


def _joined(first: RowSample, second: RowSample, name: tuple[str, str], at: NDArray[np.intp]) -> Cells:
    one, two = first.cells.get(name), second.cells.get(name)
    some = one if one is not None else two
    texts = some is not None and isinstance(some.content, Strings)
    one, two = one or nothing(len(first), texts=texts), two or nothing(len(second), texts=texts)
    present = np.concatenate([one.present, two.present])[at]
    if isinstance(one.content, Strings) and isinstance(two.content, Strings):
        return Cells(present, one.content.joined(two.content).taken(at))
    if isinstance(one.content, Strings) or isinstance(two.content, Strings):
        raise TypeError("a kind is either of numbers or of texts")
    return Cells(present, np.concatenate([one.content, two.content])[at])


def nothing(rows: int, *, texts: bool) -> Cells:
    """Cells of rows that have no value."""
    content: Content = empty_strings(rows) if texts else np.zeros(rows, dtype=np.uint64)
    return Cells(np.zeros(rows, dtype=np.bool_), content)


def _least_names(first: RowSample, second: RowSample, place: NDArray[np.intp], end: int) -> list[str] | None:
    if first.names is None and second.names is None:
        return None
    names = [*(first.names or [""] * len(first)), *(second.names or [""] * len(second))]
    least: list[str | None] = [None] * end
    for where, name in zip(place.tolist(), names, strict=True):
        if where < end:
            held = least[where]
            least[where] = name if held is None else min(held, name)
    return [name or "" for name in least]


def rows_of(sample: RowSample) -> int:
    """Rows of the table that the sample stands for."""
    return int(sample.counts.sum())


def _first(cells: Cells, size: int) -> Cells:
    if isinstance(cells.content, Strings):
        return Cells(cells.present[:size], cells.content.taken(np.arange(size)))
    return Cells(cells.present[:size], cells.content[:size])


def picked(sample: RowSample, size: int) -> RowSample:
    """The first rows of a sample."""
    if len(sample) <= size:
        return sample
    cells = {name: _first(held, size) for name, held in sample.cells.items()}
    names = None if sample.names is None else sample.names[:size]
    return RowSample(sample.hashes[:size], sample.counts[:size], cells, names, whole=False)
