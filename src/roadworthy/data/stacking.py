"""Tables put one below the other, without changing a value where their columns differ in type."""

from collections.abc import Callable, Sequence

import polars as pl

from roadworthy.data.texts import as_texts

_EXACT_IN_FLOAT = (pl.Int8(), pl.Int16(), pl.Int32(), pl.UInt8(), pl.UInt16(), pl.UInt32(), pl.Float32(), pl.Float64())
_WIDER: tuple[tuple[pl.DataType, Callable[[pl.DataType], bool]], ...] = (
    (pl.Int64(), lambda kind: kind.is_integer() and kind != pl.UInt64()),
    (pl.UInt64(), lambda kind: kind.is_unsigned_integer()),
    (pl.Float64(), lambda kind: kind in _EXACT_IN_FLOAT),
)


def stack(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """All rows, in order; a column that a table lacks is null there.

    Where types differ, whole numbers take the widest type and numbers that a float holds exactly become one; whatever
    else differs (a code that one file holds as text and another as a number) becomes text that holds the same value.

    >>> stack([pl.DataFrame({"a": [1]}), pl.DataFrame({"a": ["x"], "b": [2]})]).rows()
    [('1', None), ('x', 2)]
    """
    if not frames:
        return pl.DataFrame()
    kinds: dict[str, list[pl.DataType]] = {}
    for frame in frames:
        for name, kind in frame.schema.items():
            kinds.setdefault(name, []).append(kind)
    wanted = {name: _together(found) for name, found in kinds.items()}
    return pl.concat([_cast(frame, wanted) for frame in frames], how="diagonal")


def _together(kinds: Sequence[pl.DataType]) -> pl.DataType | None:
    """The type that holds all values; None for text."""
    known = list(dict.fromkeys(kind for kind in kinds if kind != pl.Null()))
    if len(known) <= 1:
        return known[0] if known else pl.Null()
    if all(isinstance(kind, pl.Datetime | pl.Date) for kind in known):
        zones = _zones(known)
        return pl.Datetime("us", zones.pop()) if len(zones) == 1 else None
    fits = (kind for kind, holds in _WIDER if all(holds(one) for one in known))
    return next(fits, None)


def _zones(kinds: Sequence[pl.DataType]) -> set[str | None]:
    return {kind.time_zone if isinstance(kind, pl.Datetime) else None for kind in kinds}


def _cast(frame: pl.DataFrame, wanted: dict[str, pl.DataType | None]) -> pl.DataFrame:
    columns: dict[str, pl.Series] = {}
    for column in frame.get_columns():
        kind = wanted[column.name]
        columns[column.name] = as_texts(column.to_frame()).to_series() if kind is None else column.cast(kind)
    return pl.DataFrame(columns)
