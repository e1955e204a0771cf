"""Which columns name the rows of a table, alone or together, and which almost do."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import prod

import polars as pl
from msgspec import Struct

from roadworthy.data.records.chance import pairs_by_chance
from roadworthy.kernel.scales import Scale

_NOT_KEYS = frozenset({Scale.CONTINUOUS, Scale.TEXT, Scale.BINARY})
_LEAST_ROWS = 20
_MOST_COLUMNS = 10
_MOST_TOGETHER = 3
_MOST_KEYS = 5
_ALMOST = 0.02
_EXPECTED = 10.0
_TOGETHER_EXPECTED = 100.0
_NAMED = r"(?i)(^|[\W_])(id|key|code|number|no|nr|uuid|guid|index)$|[a-z]I[dD]$"
_SAMPLE = 10_000


class FoundKey(Struct, frozen=True):
    """Columns that name every row, or all but a few.

    Attributes:
        columns: none of which can be left out.
        broken: rows that repeat an earlier one in them, ascending.
        by_chance: pairs of equal rows that columns filled by chance would have; 0.5 of them are no reason for a key.
    """

    columns: tuple[str, ...]
    broken: tuple[int, ...]
    by_chance: float


def find_keys(table: pl.DataFrame, scales: Mapping[str, str]) -> list[FoundKey]:
    """Columns, then pairs, then triples that name the rows; single columns that almost do.

    A key must be more than chance: columns with these very values, put together at random, would repeat. A column of
    measured numbers is no key, however many values it has.

    Args:
        table: the rows; `row_key` does not count.
        scales: column to scale.

    >>> table = pl.DataFrame({"order": [n // 4 for n in range(400)], "line": [n % 4 for n in range(400)]})
    >>> [key.columns for key in find_keys(table, {"order": "discrete", "line": "discrete"})]
    [('order', 'line')]
    """
    if table.height < _LEAST_ROWS:
        return []
    counts = {name: table[name].n_unique() for name in _candidates(table, scales)}
    single = [key for name, count in counts.items() if (key := _single(table, name, count, scales))]
    if any(not key.broken for key in single):
        return single
    ranked = sorted((name for name in counts if counts[name] > 1), key=lambda name: -counts[name])
    together = _together(table, ranked[:_MOST_COLUMNS], counts, passed=[key.columns[0] for key in single])
    return single + together


def repeats(table: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Whether each row repeats an earlier one in these columns; a row that lacks one of them repeats nothing."""
    lacking = pl.any_horizontal(pl.col(name).is_null() for name in columns)
    again = ~pl.struct(columns).is_first_distinct() & ~lacking
    return table.select(again.alias("again"))["again"]


def _candidates(table: pl.DataFrame, scales: Mapping[str, str]) -> Iterator[str]:
    for name, dtype in table.schema.items():
        scale = scales.get(name, Scale.NOMINAL)
        nested, real = dtype.is_nested(), dtype.is_float() and scale != Scale.DATETIME
        if name != "row_key" and not nested and not real and scale not in _NOT_KEYS and not table[name].null_count():
            yield name


def _single(table: pl.DataFrame, name: str, count: int, scales: Mapping[str, str]) -> FoundKey | None:
    """One column that names the rows, or all but a few where chance would have repeated far more."""
    missing = table.height - count
    if missing > _ALMOST * table.height or scales.get(name) == Scale.DATETIME:
        return None
    broken = repeats(table, [name]).arg_true().to_list()
    chance = _single_by_chance(table[name])
    if not missing:
        return FoundKey((name,), (), chance)
    named = bool(pl.Series([name]).str.contains(_NAMED).item())
    dense = chance >= max(_EXPECTED * len(broken), _EXPECTED)
    return FoundKey((name,), tuple(broken), chance) if named or dense else None


def _single_by_chance(column: pl.Series) -> float:
    """Pairs of equal values among whole numbers drawn from the range that they span; unknown, so none, for texts."""
    if not column.dtype.is_integer():
        return 0.0
    low, high = column.min(), column.max()
    width = int(high) - int(low) + 1  # type: ignore[arg-type]  # whole numbers, and at least twenty of them
    return column.len() * (column.len() - 1) / 2 / width


def _together(
    table: pl.DataFrame, names: Sequence[str], counts: Mapping[str, int], *, passed: Sequence[str]
) -> list[FoundKey]:
    """Least combinations that name every row, although chance would have repeated some."""
    found: list[FoundKey] = []
    sample = table.head(_SAMPLE)
    for width in range(2, _MOST_TOGETHER + 1):
        for columns in combinations([name for name in names if name not in passed], width):
            least = any(set(key.columns) <= set(columns) for key in found)
            if least or prod(counts[name] for name in columns) < table.height:
                continue
            if repeats(sample, columns).any() or repeats(table, columns).any():
                continue
            chance = pairs_by_chance(table, columns)
            if chance >= _TOGETHER_EXPECTED:
                found.append(FoundKey(columns, (), chance))
        if found:
            break
    return sorted(found, key=lambda key: -key.by_chance)[:_MOST_KEYS]
