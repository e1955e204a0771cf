"""What holds across columns: keys of two columns, orders, sums, and values that are missing together.

A relation is believed only where chance would have broken it often: the same columns with their rows shuffled break an
order at least 20 times, a key of two columns at least 20 times.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.contract.proposing import ENOUGH
from roadworthy.data.contract.terms import Evidence, Key, Rule, Terms, evidence_of
from roadworthy.data.expressions import kind_of
from roadworthy.measures.unseen import share_above

_SHUFFLED = 20
_MOST_COLUMNS = 40
_TRIED = 2_000
_WORDS = frozenset(("and", "or", "not", "in", "is", "missing", "true", "false", "else"))
_EXACT = 1e-6

_Numbers = dict[str, NDArray[np.float64]]


def find_keys(frame: pl.DataFrame, columns: Mapping[str, Terms]) -> tuple[Key, ...]:
    """The first pair of columns that names every row, where no single column does."""
    if frame.height < ENOUGH or any(terms.unique for terms in columns.values()):
        return ()
    usable = [
        name
        for name, terms in columns.items()
        if terms.scale in ("nominal", "ordinal", "discrete", "datetime", "identifier") and not frame[name].null_count()
    ][:_MOST_COLUMNS]
    distinct = {name: frame[name].n_unique() for name in usable}
    for pair in combinations(usable, 2):
        if distinct[pair[0]] * distinct[pair[1]] < frame.height or _collisions(frame, pair) < _SHUFFLED:
            continue
        if frame.select(pl.struct(pair).n_unique()).item() == frame.height:
            return (Key(columns=pair, evidence=_evidence(frame.height)),)
    return ()


def find_rules(frame: pl.DataFrame, columns: Mapping[str, Terms]) -> dict[str, Rule]:
    """Orders, sums and common gaps that every row keeps and chance would not."""
    if frame.height < ENOUGH:
        return {}
    numbers = _numbers(frame, columns)
    found = [*_sums(numbers), *_orders(numbers), *_gaps(frame)]
    return {_name(text): Rule(rule=text, evidence=_evidence(count)) for text, count in found}


def nameable(column: str) -> bool:
    """Whether expressions can name a column."""
    return bool(column.strip()) and "`" not in column


def named(column: str) -> str:
    """A column as expressions write it: in backticks unless it is a plain word.

    >>> named("age"), named("beer-name")
    ('age', '`beer-name`')
    """
    return column if column.isidentifier() and column not in _WORDS else f"`{column}`"


def _evidence(rows: int) -> Evidence:
    return evidence_of(rows, share_above(0, rows))


def _collisions(frame: pl.DataFrame, pair: Sequence[str]) -> float:
    """Pairs of rows that would be equal if the two columns had nothing to do with each other."""
    alike = [
        float(((frame[name].alias("value").value_counts(name="rows")["rows"] / frame.height) ** 2).sum())
        for name in pair
    ]
    return frame.height**2 / 2 * alike[0] * alike[1]


def _numbers(frame: pl.DataFrame, columns: Mapping[str, Terms]) -> _Numbers:
    """Quantities and times that vary; missing values are NaN."""
    kept = [
        name
        for name, terms in columns.items()
        if terms.scale in ("continuous", "discrete", "datetime") and kind_of(frame[name].dtype) == "number"
    ]
    arrays = {name: frame[name].cast(pl.Float64).to_numpy() for name in kept if nameable(name)}
    varied = {name: array for name, array in arrays.items() if np.unique(array[~np.isnan(array)]).size > 2}
    return dict(list(varied.items())[:_MOST_COLUMNS])


def _orders(numbers: _Numbers) -> Iterator[tuple[str, int]]:
    """`a <= b` for all rows, where shuffled rows break it; not where a third column lies between."""
    below = {pair for pair in permutations(numbers, 2) if _ordered(numbers[pair[0]], numbers[pair[1]])}
    for low, high in sorted(below):
        if any((low, between) in below and (between, high) in below for between in numbers):
            continue
        yield f"{named(low)} <= {named(high)}", _both(numbers[low], numbers[high])


def _ordered(low: NDArray[np.float64], high: NDArray[np.float64]) -> bool:
    present = ~(np.isnan(low) | np.isnan(high))
    a, b = low[present], high[present]
    if len(a) < ENOUGH or not bool((a[:_TRIED] <= b[:_TRIED]).all()) or not bool((a <= b).all()):
        return False
    shuffled = np.random.default_rng(0).permutation(b)
    return int((a > shuffled).sum()) >= max(_SHUFFLED, len(a) // 100)


def _both(a: NDArray[np.float64], b: NDArray[np.float64]) -> int:
    return int((~(np.isnan(a) | np.isnan(b))).sum())


def _sums(numbers: _Numbers) -> Iterator[tuple[str, int]]:
    """`abs(a + b - c) <= 0.000001`, of columns none of which is nothing throughout."""
    heads = {name: array[:_TRIED] for name, array in numbers.items()}
    for first, second in combinations(numbers, 2):
        for total in numbers:
            if total in (first, second) or not _adds(heads[first], heads[second], heads[total]):
                continue
            if _adds(numbers[first], numbers[second], numbers[total]):
                text = f"abs({named(first)} + {named(second)} - {named(total)}) <= {_EXACT:.6f}"
                yield text, _both(numbers[first] + numbers[second], numbers[total])


def _adds(a: NDArray[np.float64], b: NDArray[np.float64], total: NDArray[np.float64]) -> bool:
    gap = np.abs(a + b - total)
    present = ~np.isnan(gap)
    varied = all(np.unique(part[present]).size > 2 for part in (a, b)) if present.sum() >= ENOUGH else False
    return varied and bool((gap[present] <= _EXACT).all())


def _gaps(frame: pl.DataFrame) -> Iterator[tuple[str, int]]:
    """Two columns that are missing in the very same rows."""
    partly = [
        name
        for name, dtype in frame.schema.items()
        if kind_of(dtype) is not None and nameable(name) and ENOUGH // 3 <= frame[name].null_count() < frame.height
    ][:_MOST_COLUMNS]
    for first, second in combinations(partly, 2):
        if frame[first].is_null().equals(frame[second].is_null()):
            yield f"({named(first)} is missing) == ({named(second)} is missing)", frame.height


def _name(text: str) -> str:
    """A short name for a rule, from its words."""
    spelt = text.replace(f"<= {_EXACT:.6f}", "").replace("<=", " up to ").replace("==", " with ").replace("abs(", " ")
    words = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in spelt).split()
    return "_".join(word for word in words if word != "is").lower()
