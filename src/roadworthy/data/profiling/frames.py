"""Columns of polars frames as buffers."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.measures.profile.buffers import Buffer, NoBuffer, NumberBuffer, TextBuffer


def buffer_of(column: pl.Series) -> Buffer:
    """The values of a column, without loss where its type has a kind of its own.

    Decimals and 128-bit integers become doubles; lists, arrays and structs their JSON text; a time zone is dropped,
    since points in time are in UTC; objects become the text that Python has for them.

    >>> buffer_of(pl.Series([1, None, 3])).tag
    'integer'
    """
    dtype = column.dtype
    if dtype == pl.Null:
        return NoBuffer()
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return _coded(column)
    if isinstance(dtype, pl.String | pl.Binary):
        return _texts(column, "text" if isinstance(dtype, pl.String) else "bytes")
    if dtype.is_nested():
        return _texts(_json(column), "nested")
    if dtype == pl.Object:
        return _texts(pl.Series(column.name, [None if v is None else str(v) for v in column], dtype=pl.String), "text")
    tag, stored = _numeric(dtype)
    valid = None if column.null_count() == 0 else column.is_not_null().to_numpy()
    values = column.cast(stored).fill_null(0) if valid is not None else column.cast(stored)
    return NumberBuffer(tag, values.to_numpy(), valid)


def _numeric(dtype: pl.DataType) -> tuple[str, pl.DataType]:
    """The tag of a type, and how its values are stored."""
    if dtype.is_decimal() or dtype.is_float() or isinstance(dtype, pl.Int128 | pl.UInt128):
        return "number", pl.Float64()
    if dtype == pl.UInt64:
        return "unsigned", pl.UInt64()
    if isinstance(dtype, pl.Datetime | pl.Duration):
        return f"{'datetime' if isinstance(dtype, pl.Datetime) else 'duration'}[{dtype.time_unit}]", pl.Int64()
    named = {pl.Boolean: "boolean", pl.Date: "date", pl.Time: "time[ns]"}
    return next((tag for kind, tag in named.items() if dtype == kind), "integer"), pl.Int64()


def _coded(column: pl.Series) -> TextBuffer:
    codes = column.cat.physical().cast(pl.Int64).fill_null(-1).to_numpy()
    used, place = np.unique(codes[codes >= 0], return_index=True)
    words = column.filter(column.is_not_null())[place.tolist()].cast(pl.String)
    offsets, data = _end_to_end(words)
    number = np.full(int(used.max(initial=-1)) + 2, -1, dtype=np.int64)
    number[used] = np.arange(len(used))
    return TextBuffer("text", offsets, data, codes=number[codes])


def _texts(column: pl.Series, tag: str) -> TextBuffer:
    valid = None if column.null_count() == 0 else column.is_not_null().to_numpy()
    offsets, data = _end_to_end(column)
    return TextBuffer(tag, offsets, data, valid)


def _end_to_end(column: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    sizes = (column.bin.size() if column.dtype == pl.Binary else column.str.len_bytes()).fill_null(0).to_numpy()
    offsets = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
    if column.dtype == pl.Binary:
        joined = b"".join(column.drop_nulls())
    else:
        joined = (column.str.join("")[0] or "").encode() if len(column) else b""
    return offsets, np.frombuffer(joined, dtype=np.uint8)


def _json(column: pl.Series) -> pl.Series:
    """Each value as JSON; the key under which a list is wrapped for polars is cut off again."""
    if isinstance(column.dtype, pl.Struct):
        return _with_nulls(column.struct.json_encode(), column)
    wrapped = pl.DataFrame({"v": column}).select(pl.struct("v").struct.json_encode())["v"]
    return _with_nulls(wrapped.str.slice(len('{"v":')).str.strip_suffix("}"), column)


def _with_nulls(texts: pl.Series, column: pl.Series) -> pl.Series:
    return texts.to_frame("v").select(pl.when(pl.lit(column.is_not_null())).then(pl.col("v")))["v"]
