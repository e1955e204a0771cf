"""Which rows of a table are held against each other: those that share something rare, or are neighbours when sorted.

Sources: Newcombe et al. (1959), Science 130:954-959 (blocking); Hernandez and Stolfo (1995), SIGMOD (sorted
neighbourhood); Russell (1918), US patent 1,261,167 (Soundex).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.set_join import partners
from roadworthy.data.sets import Hashes, Rows, mixed
from roadworthy.kernel.scales import Scale

_LARGEST = 40
_MOST_PAIRS = 6_000_000
_WINDOW = 5
_TOGETHER = 6
_WORD = r"[\p{Alphabetic}\d]{2,}"


def candidates(table: pl.DataFrame, columns: Sequence[str], scales: Mapping[str, str]) -> tuple[Rows, Rows]:
    """Pairs of rows worth comparing, each once, `one` < `other`.

    Two rows meet if they share a rare value, a rare pair of values, a rare word or the sound of their words, or stand
    within five rows when sorted. Blocks of more than forty rows are passed over, smaller ones too if there were more
    than six million pairs.
    """
    found = [_near_when_sorted(table, columns)]
    blocks = list(_blocks(table, columns, scales))
    for rows, keys in blocks:
        found.append(_within_blocks(rows, keys, most=_MOST_PAIRS // len(blocks)))
    pairs = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    return pairs >> 32, pairs & 0xFFFFFFFF


def soundex(words: pl.Series) -> pl.Series:
    """Russell's code of each word, so that what sounds alike is alike; letters outside a to z do not sound.

    >>> soundex(pl.Series(["Robert", "Rupert", "Ashcraft", "Tymczak"])).to_list()
    ['R163', 'R163', 'A261', 'T522']
    """
    plain = words.str.to_lowercase().str.replace_all(r"[^a-z]", "")
    coded = plain.str.replace_all("[hw]", "").str.slice(0)
    for letters, digit in (("bfpv", "1"), ("cgjkqsxz", "2"), ("dt", "3"), ("l", "4"), ("mn", "5"), ("r", "6")):
        coded = coded.str.replace_all(f"[{letters}]+", digit)
    # the first letter is kept as it is, whatever code it had
    first = plain.str.slice(0, 1)
    silent = first.is_in(["h", "w"])
    rest = pl.Series(np.where(silent.to_numpy(), coded.to_numpy(), coded.str.slice(1).to_numpy()), dtype=pl.String)
    digits = rest.str.replace_all("[aeiouy]", "")
    return first.str.to_uppercase() + (digits + "000").str.slice(0, 3)


def _blocks(table: pl.DataFrame, columns: Sequence[str], scales: Mapping[str, str]) -> Iterator[tuple[Rows, Hashes]]:
    """Rows and the key of the block that each belongs to; a row may belong to several blocks of one kind."""
    hashed = {name: _hashes(table[name]) for name in columns}
    there = {name: table[name].is_not_null().to_numpy() for name in columns}
    for name in columns:
        rows = np.flatnonzero(there[name])
        yield rows, hashed[name][rows]
    for one, other in combinations(_richest(table, columns), 2):
        rows = np.flatnonzero(there[one] & there[other])
        yield rows, mixed(hashed[one][rows]) ^ (hashed[other][rows] * np.uint64(3))
    for name in columns:
        if table[name].dtype == pl.String() and scales.get(name) not in (Scale.BINARY, Scale.ORDINAL):
            yield from _words(table[name])


def _words(texts: pl.Series) -> Iterator[tuple[Rows, Hashes]]:
    words = texts.fill_null("").str.to_lowercase().str.extract_all(_WORD).list.unique(maintain_order=True).list.head(30)
    counts = words.list.len().to_numpy().astype(np.int64)
    rows, flat = np.repeat(np.arange(len(counts)), counts), words.explode(empty_as_null=False, keep_nulls=False)
    yield rows, _hashes(flat)
    sounds = soundex(flat)
    whole = pl.DataFrame({"row": rows, "sound": sounds}).group_by("row").agg(pl.col("sound").sort().str.join("-"))
    yield whole["row"].to_numpy().astype(np.int64), _hashes(whole["sound"])


def _hashes(values: pl.Series) -> Hashes:
    found: Hashes = values.hash(seed=0).to_numpy()
    return found


def _richest(table: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    """Columns with many values, whose pairs are often rare."""
    counts = {name: table[name].n_unique() for name in columns}
    return sorted((name for name in columns if counts[name] > 2), key=lambda name: -counts[name])[:_TOGETHER]


def _within_blocks(rows: Rows, keys: Hashes, *, most: int) -> NDArray[np.int64]:
    """Pairs of rows of the same block; the largest blocks go first when there are too many."""
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    ends = np.flatnonzero(np.concatenate([keys[1:] != keys[:-1], [True]])) + 1 if len(keys) else order
    begins = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    sizes = ends - begins
    largest = _LARGEST
    while largest > 2 and int((sizes[sizes <= largest] ** 2).sum()) // 2 > most:
        largest -= max(1, largest // 4)
    high = np.repeat(np.where(sizes <= largest, ends, 0), sizes)
    found = [np.empty(0, np.int64)]
    for a, b in partners(np.arange(1, len(rows) + 1), high):
        found.append(_paired(rows[a], rows[b]))
    pairs: NDArray[np.int64] = np.unique(np.concatenate(found))
    return pairs


def _near_when_sorted(table: pl.DataFrame, columns: Sequence[str]) -> NDArray[np.int64]:
    """Pairs within a window of five rows, sorted once by each of the columns with the most values."""
    found = [np.empty(0, np.int64)]
    rich = _richest(table, columns)[:3]
    for name in rich:
        rest = [other for other in rich if other != name]
        order = table.select(pl.arg_sort_by(name, *rest, nulls_last=True))[name].to_numpy().astype(np.int64)
        found += [_paired(order[:-step], order[step:]) for step in range(1, min(_WINDOW, len(order)))]
    pairs: NDArray[np.int64] = np.concatenate(found)
    return pairs


def _paired(one: Rows, other: Rows) -> NDArray[np.int64]:
    different = one != other
    pairs: NDArray[np.int64] = (np.minimum(one, other)[different] << 32) | np.maximum(one, other)[different]
    return pairs
