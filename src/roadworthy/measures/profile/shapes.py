"""What texts look like: their length in characters, the classes of characters in them, and their pattern.

A class is a bit: digits 1, lower case 2, upper case 4, space 8, control characters 16, punctuation 32, beyond ASCII
64; 128 says that the text begins with a zero that another digit follows, as codes do and numbers do not.

A pattern is the first 32 bytes with each run of a class as one sign: `9` digits, `a` lower case, `A` upper case, a
space, `␚` control characters, `é` beyond ASCII; punctuation stands for itself, and a run of the same mark as one. So
`AB-1204` is `A-9`.
"""

import numpy as np
from numpy.typing import NDArray

from roadworthy.measures.profile.hashing import text_hashes
from roadworthy.measures.profile.kernels import Shapes

SHOWN = 64
"""Bytes of a text that are kept."""

PATTERNED = 32
"""Bytes of a text that its pattern is made of."""

DIGIT, LOWER, UPPER, SPACE, CONTROL, PUNCTUATION, BEYOND, PADDED = (1 << bit for bit in range(8))
CLASSES = ("digits", "lower case", "upper case", "spaces", "control", "punctuation", "beyond ASCII", "leading zero")

_SIGNS = {DIGIT: ord("9"), LOWER: ord("a"), UPPER: ord("A"), SPACE: 0x20, CONTROL: 0x1A, BEYOND: 0xFF}
_TOLD = str.maketrans({"\x1a": "␚", "\xff": "é"})


def _class_of(byte: int) -> int:
    sign = chr(byte)
    if byte >= 0x80:
        return BEYOND
    if sign in " \t\n\r":
        return SPACE
    if byte < 0x20 or byte == 0x7F:
        return CONTROL
    if not sign.isalnum():
        return PUNCTUATION
    return DIGIT if sign.isdigit() else LOWER if sign.islower() else UPPER


CLASS = np.array([_class_of(byte) for byte in range(256)], dtype=np.uint8)
"""Class of each byte."""
SIGN = np.array([_SIGNS.get(_class_of(byte), byte) for byte in range(256)], dtype=np.uint8)
"""Sign of each byte in a pattern."""


def shapes_of(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> Shapes:
    """Length, classes and pattern of texts that lie end to end.

    >>> found = shapes_of(np.array([0, 7, 7], dtype=np.int64), np.frombuffer(b"AB-1204", dtype=np.uint8))
    >>> found.chars.tolist(), found.classes.tolist()
    ([7, 0], [37, 0])
    """
    data = data[offsets[0] : offsets[-1]]
    starts, sizes = offsets[:-1] - offsets[0], np.diff(offsets)
    chars, classes = np.zeros(len(sizes), dtype=np.int64), np.zeros(len(sizes), dtype=np.uint8)
    full = sizes > 0
    if full.any():
        begins = ((data & 0xC0) != 0x80).astype(np.int64)
        chars[full] = np.add.reduceat(begins, starts[full])
        classes[full] = np.bitwise_or.reduceat(CLASS[data], starts[full])
        at = starts[sizes > 1]
        padded = (data[at] == ord("0")) & (CLASS[data[at + 1]] == DIGIT)
        classes[sizes > 1] |= np.where(padded, PADDED, 0).astype(np.uint8)
    return Shapes(chars, classes, text_hashes(*patterns_of(starts, sizes, data)))


def patterns_of(
    starts: NDArray[np.int64], sizes: NDArray[np.int64], data: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """The patterns of texts as texts that lie end to end (offsets, bytes)."""
    shown = np.minimum(sizes, PATTERNED)
    begins = np.cumsum(shown) - shown
    owner = np.repeat(np.arange(len(sizes)), shown)
    inside = np.arange(len(owner)) - begins[owner]
    signs = SIGN[data[starts[owner] + inside]]
    kept = np.ones(len(signs), dtype=np.bool_)
    kept[1:] = (signs[1:] != signs[:-1]) | (inside[1:] == 0)
    lengths = np.bincount(owner[kept], minlength=len(sizes))
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), signs[kept]


def pattern_text(pattern: bytes) -> str:
    """A pattern as people read it.

    >>> pattern_text(b"A-9")
    'A-9'
    """
    return pattern.decode("latin-1").translate(_TOLD)
