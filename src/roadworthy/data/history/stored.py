"""Column types that a Delta table does not have, kept as one that it has, and given back as they were.

Delta Lake knows signed integers, floats, decimals, texts, bytes, truths, dates, timestamps in microseconds, lists and
structs. Unsigned integers go up one size (the largest to a decimal), times of day and durations become whole numbers,
categories become text. The type before is written beside the column's version, so that reading gives the same table.
"""

import polars as pl

_WIDER: dict[pl.DataType, pl.DataType] = {
    pl.UInt8(): pl.Int16(),
    pl.UInt16(): pl.Int32(),
    pl.UInt32(): pl.Int64(),
    pl.UInt64(): pl.Decimal(20, 0),
    pl.Time(): pl.Int64(),
    pl.Null(): pl.String(),
}
_SIMPLE = {
    str(kind): kind
    for kind in (*_WIDER, pl.Categorical(), pl.Duration("ns"), pl.Duration("us"), pl.Duration("ms"))
    if isinstance(kind, pl.DataType)
}


def stored(frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """The frame in types that Delta Lake has, and the former type of each column that had another.

    >>> kept, types = stored(pl.DataFrame({"n": [1, 2]}, schema={"n": pl.UInt8}))
    >>> kept.schema["n"], types
    (Int16, {'n': 'UInt8'})
    """
    types: dict[str, str] = {}
    columns: list[pl.Series] = []
    for column in frame.get_columns():
        kind = _kept_as(column.dtype)
        if kind is not None:
            types[column.name] = _told(column.dtype)
        columns.append(column if kind is None else _changed(column, kind))
    return pl.DataFrame(columns), types


def restored(frame: pl.DataFrame, types: dict[str, str]) -> pl.DataFrame:
    """The frame with its former types.

    >>> frame = pl.DataFrame({"n": [1, 2]}, schema={"n": pl.UInt8})
    >>> restored(*stored(frame)).equals(frame)
    True
    """
    known = {name: said for name, said in types.items() if name in frame.columns}
    return frame.with_columns(_back(name, said) for name, said in known.items())


def _kept_as(kind: pl.DataType) -> pl.DataType | None:
    if kind in _WIDER:
        return _WIDER[kind]
    if isinstance(kind, pl.Duration):
        return pl.Int64()
    if isinstance(kind, pl.Categorical | pl.Enum):
        return pl.String()
    if isinstance(kind, pl.Datetime) and kind.time_unit != "us":
        return pl.Int64() if kind.time_unit == "ns" else pl.Datetime("us", kind.time_zone)
    return None


def _changed(column: pl.Series, kind: pl.DataType) -> pl.Series:
    if isinstance(column.dtype, pl.Time | pl.Duration) or (
        isinstance(column.dtype, pl.Datetime) and kind == pl.Int64()
    ):
        return column.to_physical()
    return column.cast(kind)


def _told(kind: pl.DataType) -> str:
    if isinstance(kind, pl.Datetime):
        return f"Datetime {kind.time_unit} {kind.time_zone or '-'}"
    if isinstance(kind, pl.Enum):
        return "Enum " + "\x1f".join(kind.categories.to_list())
    return str(kind)


def _back(name: str, said: str) -> pl.Expr:
    word, _, rest = said.partition(" ")
    if word == "Enum":
        return pl.col(name).cast(pl.Enum(rest.split("\x1f")))
    if word == "Datetime":
        unit, zone = rest.split(" ")
        return pl.col(name).cast(pl.Datetime(unit, None if zone == "-" else zone))  # type: ignore[arg-type]  # ours
    return pl.col(name).cast(_SIMPLE[said])
