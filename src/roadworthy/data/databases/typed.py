"""Cells of a database, given as text, turned into typed columns; what has no place in its type is told."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
from msgspec import Struct

from roadworthy.data.databases.session import Cell

_DECIMAL = re.compile(r"decimal\((\d+),(-?\d+)\)")
_LONGEST = 38
_PLAIN: dict[str, pl.DataType] = {
    "integer": pl.Int64(),
    "unsigned": pl.UInt64(),
    "float": pl.Float64(),
    "text": pl.String(),
}


class Misfits(Struct, frozen=True):
    """Values of one column that its type cannot hold: an infinite date, a number that is none."""

    column: str
    places: list[int]
    values: list[str]


def typed(cell: Cell, values: Sequence[Any]) -> tuple[pl.Series, Misfits | None]:
    """One column, exactly as the database holds it.

    Returns:
        The column, and the values that became null because the type has no place for them.

    >>> column, misfits = typed(Cell("born", "date", "", ""), ["1815-12-10", "infinity", None])
    >>> column.to_list()[0].year, misfits.values
    (1815, ['infinity'])
    """
    given = _series(cell, values)
    column = _converted(given, cell.kind).alias(cell.name)
    lost = (given.is_not_null() & column.is_null()).arg_true().to_list()
    if not lost:
        return column, None
    return column, Misfits(cell.name, lost, [str(given[place]) for place in lost])


def _series(cell: Cell, values: Sequence[Any]) -> pl.Series:
    """Text, except for the numbers of databases that give numbers."""
    if cell.kind in ("integer", "float") and any(isinstance(value, int | float) for value in values):
        return pl.Series(cell.name, values, dtype=_PLAIN[cell.kind], strict=False)
    texts = [value if value is None or isinstance(value, str) else repr(value) for value in values]
    return pl.Series(cell.name, texts, dtype=pl.String())


def _converted(given: pl.Series, kind: str) -> pl.Series:
    if kind in _PLAIN:
        return given.cast(_PLAIN[kind], strict=False)
    decimal = _DECIMAL.fullmatch(kind)
    if decimal:
        precision, scale = int(decimal[1]), int(decimal[2])
        exact = precision <= _LONGEST and 0 <= scale <= precision
        return given.cast(pl.Decimal(precision, scale), strict=False) if exact else given
    return _OTHERS[kind](given)


def _boolean(given: pl.Series) -> pl.Series:
    return given.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean())


def _instant(given: pl.Series) -> pl.Series:
    plain = given.str.replace(r"\+00(?::?00)?$", "")
    return _timestamp(plain).dt.replace_time_zone("UTC")


def _timestamp(given: pl.Series) -> pl.Series:
    return given.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")


_OTHERS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "boolean": _boolean,
    "bytes": lambda given: given.str.decode("hex", strict=False),
    "date": lambda given: given.str.to_date("%Y-%m-%d", strict=False),
    "time": lambda given: given.str.to_time("%H:%M:%S%.f", strict=False),
    "timestamp": _timestamp,
    "instant": _instant,
}
