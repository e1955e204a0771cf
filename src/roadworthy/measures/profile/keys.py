"""Numbers as unsigned 64-bit keys that sort as the numbers do, so that one kind of bucket serves all of them.

A whole number has its sign bit turned. A floating-point number has its sign bit turned if it is positive and all its
bits turned if it is negative; -0.0 counts as 0.0, and every NaN as one.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from roadworthy.measures.profile.hashing import Words

SIGN = np.uint64(1 << 63)
NAN = np.uint64(0xFFF8000000000000)
HIGHEST = np.uint64(0xFFF0000000000000)
LOWEST = np.uint64(0x000FFFFFFFFFFFFF)
"""Keys of NaN, of infinity and of minus infinity."""


def float_keys(values: NDArray[np.float64]) -> Words:
    """Keys of floating-point numbers.

    >>> keys = float_keys(np.array([-np.inf, -1.0, -0.0, 0.0, 1e-300, 2.0, np.inf, np.nan]))
    >>> bool((np.diff(keys.astype(object)) >= 0).all()), int(keys[2]) == int(keys[3])
    (True, True)
    """
    bits = values.view(np.uint64)
    bits = np.where(bits == SIGN, np.uint64(0), bits)
    turned: Words = bits ^ ((bits.view(np.int64) >> 63).view(np.uint64) | SIGN)
    wrong = np.isnan(values)
    if wrong.any():
        turned[wrong] = NAN
    return turned


def key_floats(keys: Words) -> NDArray[np.float64]:
    """The numbers of `float_keys`."""
    return np.where(keys >= SIGN, keys ^ SIGN, ~keys).view(np.float64)


def int_keys(values: NDArray[np.int64]) -> Words:
    """Keys of whole numbers.

    >>> int_keys(np.array([-1, 0, 1])).tolist() == [2**63 - 1, 2**63, 2**63 + 1]
    True
    """
    return np.ascontiguousarray(values).view(np.uint64) ^ SIGN


def key_ints(keys: Words) -> NDArray[np.int64]:
    """The numbers of `int_keys`."""
    return (keys ^ SIGN).view(np.int64)


def key_numbers(tag: str) -> Callable[[Words], NDArray[np.float64]]:
    """How keys of a kind become floating-point numbers (rounded, where they hold more digits)."""
    if tag == "number":
        return key_floats
    if tag == "unsigned":
        return lambda keys: keys.astype(np.float64)
    return lambda keys: key_ints(keys).astype(np.float64)
