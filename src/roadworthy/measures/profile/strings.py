"""Texts that lie end to end in one array of bytes."""

from itertools import pairwise

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray


class Strings(Struct, frozen=True):
    """Text i is `data[offsets[i]:offsets[i + 1]]`; the first one need not begin at 0.

    >>> strings_of([b"a", b"", b"bc"]).taken(np.array([2, 0])).texts()
    [b'bc', b'a']
    """

    offsets: NDArray[np.int64]
    data: NDArray[np.uint8]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.offsets) - 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each."""
        return np.diff(self.offsets)

    def taken(self, rows: NDArray[np.intp], *, longest: int | None = None) -> "Strings":
        """Some of them, in the order of `rows`, cut to `longest` bytes."""
        starts, sizes = self.offsets[rows], self.offsets[rows + 1] - self.offsets[rows]
        if longest is not None:
            sizes = np.minimum(sizes, longest)
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        source = np.arange(total) + np.repeat(starts - (ends - sizes), sizes)
        return Strings(np.concatenate([[0], ends]).astype(np.int64), self.data[source])

    def joined(self, other: "Strings") -> "Strings":
        """These, then those; both begin at 0."""
        offsets = np.concatenate([self.offsets, other.offsets[1:] + self.offsets[-1]])
        return Strings(offsets, np.concatenate([self.data, other.data]))

    def texts(self) -> list[bytes]:
        """Each as bytes."""
        raw = self.data.tobytes()
        return [raw[start:end] for start, end in pairwise(self.offsets.tolist())]


def strings_of(texts: list[bytes]) -> Strings:
    """Texts laid end to end."""
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts], dtype=np.int64)]).astype(np.int64)
    return Strings(offsets, np.frombuffer(b"".join(texts), dtype=np.uint8))


def spread(sizes: NDArray[np.int64], data: NDArray[np.uint8], present: NDArray[np.bool_]) -> Strings:
    """Texts of these sizes at the places that are present, and texts of no bytes at the others."""
    every = np.zeros(len(present), dtype=np.int64)
    every[present] = sizes
    return Strings(np.concatenate([[0], np.cumsum(every)]).astype(np.int64), data)


def empty_strings(rows: int) -> Strings:
    """So many texts of no bytes."""
    return Strings(np.zeros(rows + 1, dtype=np.int64), np.empty(0, dtype=np.uint8))
