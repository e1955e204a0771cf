"""HyperLogLog: how many distinct values, from 4,096 small registers that merge by their maximum.

Source: Flajolet, Fusy, Gandouet, Meunier (2007), AofA: 127-146; the estimator without thresholds is that of Ertl
(2017), arXiv:1702.01284, algorithm 6. Estimators that follow the order of arrival (HIP) are more exact and cannot be
merged.
"""

import math

import numpy as np
from numpy.typing import NDArray

from roadworthy.measures.profile.hashing import Words

BITS = 12
REGISTERS = 1 << BITS
ERROR = 1.04 / math.sqrt(REGISTERS)
"""Standard error of the estimate, relative."""

Registers = NDArray[np.uint8]
_TOP = 64 - BITS


def registers_of(hashes: Words) -> Registers:
    """For each register, the largest number of leading zeros (plus one) among its hashes; 0 where there is none."""
    least = np.full(REGISTERS, 1 << _TOP, dtype=np.uint64)
    np.minimum.at(least, (hashes >> np.uint64(_TOP)).astype(np.int64), hashes & np.uint64((1 << _TOP) - 1))
    return registers_from(least)


def registers_from(least: Words) -> Registers:
    """Registers, from the smallest rest (the hash without its register's bits) of each; 2^52 where there is none."""
    # 53 bits fit into a double exactly, whose exponent then is their length
    length = np.frexp(least.astype(np.float64))[1]
    return (_TOP + 1 - length).astype(np.uint8)


def estimated(registers: Registers) -> float:
    """The number of distinct hashes.

    >>> from roadworthy.measures.profile.hashing import mix
    >>> round(estimated(registers_of(mix(np.arange(1, 100_001, dtype=np.uint64)))) / 100_000, 1)
    1.0
    """
    size, longest = len(registers), _TOP
    times = np.bincount(registers, minlength=longest + 2)
    z = size * _tau(1.0 - float(times[longest + 1]) / size)
    for length in range(longest, 0, -1):
        z = 0.5 * (z + float(times[length]))
    z += size * _sigma(float(times[0]) / size)
    return 0.0 if math.isinf(z) else size * size / (2.0 * math.log(2.0)) / z


def _sigma(x: float) -> float:
    if x == 1.0:
        return math.inf
    y, z, before = 1.0, x, -1.0
    while z != before:
        x *= x
        before = z
        z += x * y
        y += y
    return z


def _tau(x: float) -> float:
    if x in {0.0, 1.0}:
        return 0.0
    y, z, before = 1.0, 1.0 - x, -1.0
    while z != before:
        x = math.sqrt(x)
        before = z
        y *= 0.5
        z -= (1.0 - x) ** 2 * y
    return z / 3.0
