"""What a table hands over: one buffer of values for each column, all of the same length."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Valid = NDArray[np.bool_] | None
"""Which rows have a value; None if all have one. What stands in the others does not matter."""


class NumberBuffer(Struct, frozen=True):
    """Numbers of one kind: float64 for `number`, uint64 for `unsigned`, int64 for all others, see `kinds`."""

    tag: str
    values: NDArray[np.float64] | NDArray[np.int64] | NDArray[np.uint64]
    valid: Valid = None


class TextBuffer(Struct, frozen=True):
    """Texts that lie end to end: text i is `data[offsets[i]:offsets[i + 1]]`.

    With `codes`, the texts are a dictionary and row i holds text `codes[i]`; a negative code is a missing value.
    """

    tag: str
    offsets: NDArray[np.int64]
    data: NDArray[np.uint8]
    valid: Valid = None
    codes: NDArray[np.int64] | None = None


class NoBuffer(Struct, frozen=True):
    """A column without a type, in which every value is missing."""


Buffer = NumberBuffer | TextBuffer | NoBuffer
