"""One frozen table of characters: what a letter is folded to, and what it does to the words around it.

Python's own Unicode tables change with its version, so they are not asked: a model must read the same words in five
years. The table (`characters.txt`, made from Unicode 14.0) has a version number that every model names.
"""

from enum import IntEnum
from importlib.resources import files

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

VERSION = 1
SIZE = 0x20000
DROP = 0x110000
_IDEOGRAPHS_END = 0x40000


class Kind(IntEnum):
    """What a folded character does.

    A run of WORD characters is a token, so is a run of MARK characters (money, `!`, `%`) and each SINGLE character
    (ideographs, kana, emoji). A JOINER (`'`, `-`, `_`, `.`) between two WORD characters is part of the word.
    """

    SEPARATOR = 0
    WORD = 1
    MARK = 2
    SINGLE = 3
    JOINER = 4
    SPACE = 5


class Characters(Struct, frozen=True):
    """The table.

    Attributes:
        fold: uint32, SIZE entries: lower case without accents, width variants and look-alikes (Cyrillic `а` is Latin
            `a`); DROP for what no reader sees (zero-width characters, combining accents, soft hyphens).
        kind: uint8, SIZE entries, a `Kind` each.
    """

    fold: NDArray[np.uint32]
    kind: NDArray[np.uint8]

    def folded(self, points: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Folded code points, with DROP for those that vanish; beyond the table a character stays as it is."""
        low = self.fold[np.minimum(points, SIZE - 1)]
        return low if points.size == 0 or points.max() < SIZE else np.where(points < SIZE, low, points)

    def kinds(self, points: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """The kind of each folded code point; beyond the table are ideographs, then separators."""
        low = self.kind[np.minimum(points, SIZE - 1)]
        if points.size == 0 or points.max() < SIZE:
            return low
        beyond = np.where(points < _IDEOGRAPHS_END, Kind.SINGLE, Kind.SEPARATOR).astype(np.uint8)
        return np.where(points < SIZE, low, beyond)


def read_characters(text: str) -> Characters:
    """The table from its text: `k first last kind`, `f first last shift`, `d first last 0`, hexadecimal code points."""
    fold = np.arange(SIZE, dtype=np.int64)
    kind = np.zeros(SIZE, dtype=np.uint8)
    for line in text.splitlines()[1:]:
        what, first, last, value = line.split(" ")
        span = slice(int(first, 16), int(last, 16) + 1)
        if what == "k":
            kind[span] = int(value)
        elif what == "f":
            fold[span] += int(value)
        else:
            fold[span] = DROP
    return Characters(fold.astype(np.uint32), kind)


CHARACTERS = read_characters((files("roadworthy.bundle.steps") / "characters.txt").read_text("utf-8"))
