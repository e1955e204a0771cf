"""Quantiles, cumulative shares and histograms from buckets, each with the bounds that the buckets prove.

All of them are of the finite numbers. A value is known to lie within its bucket; where a bucket holds one value only,
nothing is left open.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.measures.profile.estimate import Estimate
from roadworthy.measures.profile.hashing import Words
from roadworthy.measures.profile.keys import float_keys, key_floats
from roadworthy.measures.profile.kinds import Value, values_of
from roadworthy.measures.profile.numbers import Numbers, spans

_ALL = (1 << 64) - 1
_SOME = 8
"""Sampled values that a bucket must hold for them to say where in it the rows lie."""


class Bin(Struct, frozen=True):
    """Rows from `low` up to `high`; the last bin holds its upper end too."""

    low: Value
    high: Value
    rows: int


class Histogram(Struct, frozen=True):
    """Bins of equal width.

    Attributes:
        bins: in ascending order.
        below: rows below the first bin.
        above: rows above the last one.
        error: no count of rows up to an edge is off by more rows than this.
    """

    bins: list[Bin]
    below: int
    above: int
    error: int


class Ladder:
    """The buckets of a column as steps: keys at both ends, rows in each, rows up to the end of each.

    Where inside a bucket a guess lies is told by sampled values, if there are some; the bounds do not need them.
    """

    def __init__(self, state: Numbers, sampled: Words | None = None) -> None:
        self.tag = state.tag
        self.low, self.high, self.count = spans(state)
        self.upto = np.cumsum(self.count)
        self.rows = int(self.upto[-1]) if len(self.upto) else 0
        self._sampled = np.sort(sampled) if sampled is not None else np.empty(0, dtype=np.uint64)

    def at(self, q: float) -> tuple[Value, Value, Value]:
        """The value of which a share `q` of the rows is at or below: a guess, and the bounds that hold it."""
        rank = min(max(int(np.ceil(q * self.rows)), 1), self.rows)
        place = int(np.searchsorted(self.upto, rank))
        low, high = int(self.low[place]), int(self.high[place])
        guess = low
        if low != high:
            inside = rank - (int(self.upto[place]) - int(self.count[place]))
            where, share = self._curve(place)
            found = float(np.interp((inside - 0.5) / int(self.count[place]), share, where))
            key = int(float_keys(np.array([found]))[0]) if self.tag == "number" else low + round(found)
            guess = min(max(key, low), high)
        values = values_of(self.tag, np.array([guess, low, high], dtype=np.uint64))
        return values[0], values[1], values[2]

    def below(self, key: int) -> tuple[float, int, int]:
        """Rows at or below a key: a guess and its bounds."""
        if key < 0:
            return 0.0, 0, 0
        word = np.uint64(min(key, _ALL))
        least = int(np.searchsorted(self.high, word, side="right"))
        most = int(np.searchsorted(self.low, word, side="right"))
        sure = int(self.upto[least - 1]) if least else 0
        if most == least:
            return float(sure), sure, sure
        where, share = self._curve(least)
        at = self._places(np.array([word]), int(self.low[least]))[0]
        inside = int(self.count[least])
        return sure + float(np.interp(at, where, share)) * inside, sure, sure + inside

    @property
    def widest(self) -> int:
        """Rows of the largest bucket that holds more than one value."""
        open_ = self.low != self.high
        return int(self.count[open_].max()) if open_.any() else 0

    def _curve(self, place: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Places inside a bucket, ascending, and the share of its rows that lies at or below each."""
        low, high = self.low[place], self.high[place]
        first, last = np.searchsorted(self._sampled, [low, high], side="left")
        some = self._sampled[first:last] if last - first >= _SOME else self._sampled[:0]
        where = self._places(np.concatenate([[low], some, [high]]), int(low))
        share = (np.arange(len(some)) + 0.5) / max(len(some), 1)
        return where, np.concatenate([[0.0], share, [1.0]])

    def _places(self, keys: Words, low: int) -> NDArray[np.float64]:
        """Doubles as they are, whole numbers from the lower end on, so that no digit is lost."""
        if self.tag == "number":
            return key_floats(keys)
        return (keys - np.uint64(low)).astype(np.float64)


def key_at_most(value: float, tag: str) -> int:
    """The largest key whose number is at most this one; -1 if there is none."""
    if tag == "number":
        return int(float_keys(np.array([value], dtype=np.float64))[0])
    if np.isinf(value):
        return _ALL if value > 0 else -1
    return int(np.floor(value)) + (0 if tag == "unsigned" else 1 << 63)


def cdf(ladder: Ladder, value: float) -> Estimate:
    """Share of the finite numbers at or below a value."""
    guess, low, high = ladder.below(key_at_most(value, ladder.tag))
    return Estimate(guess / ladder.rows, low / ladder.rows, high / ladder.rows)


def histogram(ladder: Ladder, bins: int, low: float, high: float) -> Histogram:
    """Rows in bins of equal width between two numbers."""
    edges = _edges(ladder.tag, bins, low, high)
    upto = [ladder.below(key_at_most(edge, ladder.tag) - 1)[0] for edge in edges[:-1]]
    upto.append(ladder.below(key_at_most(edges[-1], ladder.tag))[0])
    rounded = [round(rows) for rows in upto]
    values = _values(ladder.tag, edges)
    made = [
        Bin(values[number], values[number + 1], rounded[number + 1] - rounded[number])
        for number in range(len(edges) - 1)
    ]
    return Histogram(made, rounded[0], ladder.rows - rounded[-1], ladder.widest)


def _edges(tag: str, bins: int, low: float, high: float) -> list[float]:
    """Edges of bins of equal width; of whole numbers they are whole, so that every bin holds as many of them."""
    if tag == "number":
        # halves keep the difference of two huge numbers finite
        width = (high / 2 - low / 2) / bins * 2
        return sorted({low, *(low + width * number for number in range(1, bins)), high})
    step = max(int(np.ceil((high - low + 1) / bins)), 1)
    count = max(int(np.ceil((high - low + 1) / step)), 1)
    return [low + step * number for number in range(count + 1)]


def _values(tag: str, edges: list[float]) -> list[Value]:
    if tag == "number":
        return list(edges)
    keys: Words = np.array([min(max(key_at_most(edge, tag), 0), _ALL) for edge in edges], dtype=np.uint64)
    return values_of(tag, keys)
