"""How alike two rows are in each column: missing, different, near or equal."""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.sets import Rows, Sets, mixed
from roadworthy.kernel.scales import Scale

MISSING, DIFFERENT, NEAR, EQUAL = -1, 0, 1, 2
Levels = NDArray[np.int8]

_ALIKE = 0.6
_CLOSE = 0.1
_DAY = 86_400.0


def codes(values: pl.Series) -> Rows:
    """A number for each distinct value, -1 where it is missing; letters' case and outer spaces do not count."""
    plain = values.str.strip_chars().str.to_lowercase() if values.dtype == pl.String() else values
    ranked = plain.rank("dense").cast(pl.Int64).fill_null(0) - 1
    found: Rows = ranked.to_numpy()
    return found


def levels(values: pl.Series, coded: Rows, one: Rows, other: Rows, *, scale: str) -> Levels:
    """The level of every pair of rows in one column."""
    found = np.where(coded[one] == coded[other], EQUAL, DIFFERENT).astype(np.int8)
    found[(coded[one] < 0) | (coded[other] < 0)] = MISSING
    apart = np.flatnonzero(found == DIFFERENT)
    near = _NEAR.get(scale) or (_alike if values.dtype == pl.String() else _close)
    if len(apart):
        found[apart[near(values, coded, one[apart], other[apart])]] = NEAR
    return found


def _never(_values: pl.Series, _coded: Rows, one: Rows, _other: Rows) -> NDArray[np.bool_]:
    return np.zeros(len(one), dtype=bool)


def _close(values: pl.Series, _coded: Rows, one: Rows, other: Rows) -> NDArray[np.bool_]:
    """Numbers within a tenth of the column's standard deviation."""
    held = values.cast(pl.Float64).to_numpy()
    spread = float(np.nanstd(held))
    near: NDArray[np.bool_] = np.abs(held[one] - held[other]) <= _CLOSE * spread
    return near


def _within_a_day(values: pl.Series, _coded: Rows, one: Rows, other: Rows) -> NDArray[np.bool_]:
    held = values.cast(pl.Float64).to_numpy()
    near: NDArray[np.bool_] = np.abs(held[one] - held[other]) <= _DAY
    return near


def _alike(values: pl.Series, coded: Rows, one: Rows, other: Rows) -> NDArray[np.bool_]:
    """Texts that share most of their pairs of letters (Dice's coefficient); each pair of values is looked at once."""
    first = np.zeros(int(coded.max()) + 1, dtype=np.int64)
    present = np.flatnonzero(coded >= 0)
    first[coded[present]] = present
    sets = letter_pairs(values.gather(pl.Series(first)).fill_null(""))
    pairs, inverse = np.unique((coded[one] << 32) | coded[other], return_inverse=True)
    a, b = pairs >> 32, pairs & 0xFFFFFFFF
    total = sets.sizes[a] + sets.sizes[b]
    near: NDArray[np.bool_] = (2 * sets.shared(a, b) >= _ALIKE * total)[inverse]
    return near


_NEAR: dict[str, Callable[[pl.Series, Rows, Rows, Rows], NDArray[np.bool_]]] = {
    Scale.BINARY: _never,
    Scale.ORDINAL: _never,
    Scale.DATETIME: _within_a_day,
}


def letter_pairs(texts: pl.Series) -> Sets:
    """The sets of neighbouring letters of each text, its beginning and end included.

    >>> letter_pairs(pl.Series(["ab", "abc"])).sizes.tolist()
    [3, 4]
    """
    letters = (" " + texts.str.strip_chars().str.to_lowercase() + " ").str.slice(0, 80)
    counts = letters.str.len_chars().to_numpy().astype(np.int64)
    flat = np.array([ord(one) for one in "".join(letters.to_list())], dtype=np.uint64)
    row = np.repeat(np.arange(len(counts)), counts)
    pairs = mixed(flat[:-1] * np.uint64(0x110000) + flat[1:])
    same = row[1:] == row[:-1]
    return Sets.of(pairs[same], row[:-1][same], rows=len(counts))


def column_scales(table: pl.DataFrame, scales: Mapping[str, str]) -> dict[str, str]:
    """Columns that records are compared by: not what is nested, and not what only names the row."""
    return {
        name: str(scales.get(name, Scale.NOMINAL))
        for name, dtype in table.schema.items()
        if name != "row_key" and not dtype.is_nested() and table[name].n_unique() > 1
    }
