"""Exact sums of numbers and of their squares, so that mean and variance do not depend on the order of the rows.

A double is a whole number of units of 2^-1074, so that sums of doubles are whole numbers too. They are added by parts
that cannot overflow, and rounded once, at the read-out.

Source: the idea is that of Kulisch's long accumulator (Kulisch and Miranker 1981); Neal (2015), arXiv:1505.05571.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.measures.profile.hashing import Words
from roadworthy.measures.profile.keys import SIGN

BITS = 1074
"""A step of a sum of doubles is worth 2^-1074."""

STEP = 1 << 20
"""Rows that are added at a time: products of 32 bits then stay exact in a double."""

_LOW = (1 << 26) - 1


class Sums(Struct, frozen=True):
    """Sums over finite numbers, as whole numbers of units.

    Attributes:
        total: sum of the numbers, in units of 2^-1074 for doubles and of 1 for whole numbers.
        squares: sum of their squares, in squared units.
        whole: rows whose number has no fraction.
    """

    total: int = 0
    squares: int = 0
    whole: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        """The sums over the rows of both."""
        return Sums(self.total + other.total, self.squares + other.squares, self.whole + other.whole)


def float_sums(keys: Words, counts: NDArray[np.int64] | None = None) -> Sums:
    """Sums over doubles, each taken `counts` times.

    >>> from roadworthy.measures.profile.keys import float_keys
    >>> sums = float_sums(float_keys(np.array([1e16, 1.0, -1e16])))
    >>> sums.total / 2**BITS, sums.whole
    (1.0, 3)
    """
    found = Sums()
    for start in range(0, len(keys), STEP):
        part = keys[start : start + STEP]
        weights = None if counts is None else counts[start : start + STEP]
        found += _float_step(part, weights)
    return found


def int_sums(keys: Words, counts: NDArray[np.int64] | None = None, *, signed: bool = True) -> Sums:
    """Sums over whole numbers, each taken `counts` times.

    >>> from roadworthy.measures.profile.keys import int_keys
    >>> int_sums(int_keys(np.array([-(2**63), 2**63 - 1]))).total
    -1
    """
    values = (keys ^ SIGN).view(np.int64) if signed else keys
    if counts is not None:
        numbers, times = values.astype(object), counts.astype(object)
        total, squares = int((numbers * times).sum()), int((numbers * numbers * times).sum())
        return Sums(total, squares, int(counts.sum()))
    total = squares = 0
    for start in range(0, len(keys), STEP):
        part = values[start : start + STEP]
        high, low = (part >> 32).astype(np.int64), (part & 0xFFFFFFFF).astype(np.int64)
        total += (int(high.sum()) << 32) + int(low.sum())
        squares += (_products(high, high) << 64) + (_products(high, low) << 33) + _products(low, low)
    return Sums(total, squares, len(keys))


def mean_of(sums: Sums, count: int, bits: int) -> float:
    """The mean, correctly rounded; a unit of the sums is worth 2^-bits."""
    return sums.total / (count << bits)


def variance_of(sums: Sums, count: int, bits: int) -> float:
    """The variance with `count - 1` below the line, correctly rounded.

    Raises:
        OverflowError: if a double cannot hold it.
    """
    return (count * sums.squares - sums.total * sums.total) / (count * (count - 1) << 2 * bits)


def assembled(exponents: NDArray[np.int64], limbs: list[list[int]]) -> tuple[int, int]:
    """Sum and sum of squares from parts: low and high of the mantissas, then their squares by products.

    A number is (high * 2^26 + low) * 2^(exponent - 1) units.
    """
    total = squares = 0
    for exponent, (low, high, high_high, high_low, low_low) in zip(exponents.tolist(), limbs, strict=True):
        shift = max(exponent, 1) - 1
        total += (low + (high << 26)) << shift
        squares += ((high_high << 52) + (high_low << 27) + low_low) << (2 * shift)
    return total, squares


def _float_step(keys: Words, counts: NDArray[np.int64] | None) -> Sums:
    negative = keys < SIGN
    bits = np.where(negative, ~keys, keys ^ SIGN)
    exponent = ((bits >> np.uint64(52)) & np.uint64(0x7FF)).astype(np.int64)
    mantissa = (bits & np.uint64((1 << 52) - 1)).astype(np.int64) | (np.minimum(exponent, 1) << 52)
    low, high = mantissa & _LOW, mantissa >> 26
    there, place = np.unique(exponent, return_inverse=True)
    sign = np.where(negative, -1, 1)
    if counts is None:
        columns = [
            _added(place, sign * low),
            _added(place, sign * high),
            _multiplied(place, high, high),
            _multiplied(place, high, low),
            _multiplied(place, low, low),
        ]
        whole = int(np.count_nonzero(_whole(exponent, mantissa)))
    else:
        times = counts.astype(object)
        one, two, signs = low.astype(object), high.astype(object), sign.astype(object)
        parts = (signs * one, signs * two, two * two, two * one, one * one)
        columns = [_weighed(place, part * times, len(there)) for part in parts]
        whole = int(counts[_whole(exponent, mantissa)].sum())
    total, squares = assembled(there, [list(row) for row in zip(*columns, strict=True)])
    return Sums(total, squares, whole)


def _whole(exponent: NDArray[np.int64], mantissa: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the bits of the mantissa below the point are all zero."""
    below = np.clip(1075 - exponent, 0, 53)
    found: NDArray[np.bool_] = (mantissa & ((np.int64(1) << below) - 1)) == 0
    return found


def _added(place: NDArray[np.intp], values: NDArray[np.int64]) -> list[int]:
    return [int(value) for value in np.bincount(place, weights=values)]


def _multiplied(place: NDArray[np.intp], one: NDArray[np.int64], two: NDArray[np.int64]) -> list[int]:
    """Sums of products below 2^54, in two halves that a double holds exactly."""
    product = one * two
    high, low = _added(place, product >> 27), _added(place, product & ((1 << 27) - 1))
    return [(above << 27) + below for above, below in zip(high, low, strict=True)]


def _weighed(place: NDArray[np.intp], values: NDArray[np.object_], size: int) -> list[int]:
    found = [0] * size
    for where, value in zip(place.tolist(), values.tolist(), strict=True):
        found[where] += value
    return found


def _products(one: NDArray[np.int64], two: NDArray[np.int64]) -> int:
    """Sum of products of numbers below 2^32, of which the first may be negative."""
    found = 0
    for half, shift in ((two & 0xFFFF, 0), (two >> 16, 16)):
        product = one * half
        found += ((int((product >> 32).sum()) << 32) + int((product & 0xFFFFFFFF).sum())) << shift
    return found
