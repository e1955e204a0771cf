"""Parquet files as batches of buffers, read by pyarrow, which keeps dictionaries as they are stored.

This is the one file here that imports pyarrow. It is loaded by name, and only where pyarrow is installed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from roadworthy.data.profiling.frames import buffer_of
from roadworthy.measures.profile.buffers import Buffer, NumberBuffer, TextBuffer

STEP = 262_144
_PER_ROW = 8
"""A column of texts that takes fewer bytes a row than this is stored as a dictionary, of not too many texts."""

_WIDE: dict[str, np.dtype[Any]] = {"number": np.dtype("float64"), "unsigned": np.dtype("uint64")}


class ArrowFile:
    """One Parquet file, in parts that can be read side by side."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with pq.ParquetFile(path) as opened:
            self._metadata, schema = opened.metadata, opened.schema_arrow
        self.rows: int = self._metadata.num_rows
        self.columns: int = len(schema)
        self.parts: int = self._metadata.num_row_groups
        sizes = self._sizes()
        self._few = [
            field.name for field in schema if _is_text(field.type) and sizes.get(field.name, 0) < _PER_ROW * self.rows
        ]

    def _sizes(self) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for part in range(self.parts):
            group = self._metadata.row_group(part)
            for number in range(group.num_columns):
                column = group.column(number)
                sizes[column.path_in_schema] = sizes.get(column.path_in_schema, 0) + column.total_uncompressed_size
        return sizes

    def batches(self, part: int) -> Iterator[tuple[int, dict[str, Buffer]]]:
        """Rows and columns of each batch of one row group; of a file without any, its columns without rows."""
        with pq.ParquetFile(self._path, read_dictionary=self._few) as opened:
            for batch in opened.iter_batches(batch_size=STEP, row_groups=[part], use_threads=False):
                names = batch.schema.names
                yield batch.num_rows, {name: array_buffer(batch.column(at)) for at, name in enumerate(names)}

    def empty(self) -> dict[str, Buffer]:
        """The columns without rows."""
        with pq.ParquetFile(self._path) as opened:
            none = opened.schema_arrow.empty_table()
            return {name: array_buffer(none.column(name).combine_chunks()) for name in none.column_names}


def array_buffer(array: pa.Array) -> Buffer:
    """The values of an Arrow array: those of frequent types as they lie in memory, all others by way of polars.

    >>> array_buffer(pa.array(["a", None]).dictionary_encode()).codes.tolist()
    [0, -1]
    """
    kind = array.type
    if pa.types.is_dictionary(kind) and _is_text(kind.value_type):
        return _coded(array)
    if len(array) and _is_text(kind):
        return TextBuffer("text", *_texts(array), _valid(array))
    tag = _tag_of(kind)
    if tag is not None:
        stored = _stored(array, np.dtype("int64" if pa.types.is_timestamp(kind) else kind.to_pandas_dtype()))
        return NumberBuffer(tag, stored.astype(_WIDE.get(tag, np.dtype("int64")), copy=False), _valid(array))
    series = pl.from_arrow(array)
    return buffer_of(series if isinstance(series, pl.Series) else series.to_series())


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _tag_of(kind: pa.DataType) -> str | None:
    """The tag of numbers that can be read as they lie in memory."""
    if pa.types.is_float32(kind) or pa.types.is_float64(kind):
        return "number"
    if pa.types.is_integer(kind):
        return "unsigned" if pa.types.is_uint64(kind) else "integer"
    return f"datetime[{kind.unit}]" if pa.types.is_timestamp(kind) and kind.unit != "s" else None


def _stored(array: pa.Array, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The values as they lie in memory; those of missing ones are anything."""
    if len(array) == 0:
        return np.empty(0, dtype=dtype)
    whole: NDArray[Any] = np.frombuffer(array.buffers()[1], dtype=dtype)
    return whole[array.offset : array.offset + len(array)]


def _valid(array: pa.Array) -> NDArray[np.bool_] | None:
    if array.null_count == 0:
        return None
    bits = np.unpackbits(np.frombuffer(array.buffers()[0], dtype=np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)].view(np.bool_)


def _texts(array: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    _, ends, data = array.buffers()
    width = np.int32 if pa.types.is_string(array.type) else np.int64
    offsets = np.frombuffer(ends, dtype=width)[array.offset : array.offset + len(array) + 1].astype(np.int64)
    return offsets, np.frombuffer(data or b"", dtype=np.uint8)


def _coded(array: pa.DictionaryArray) -> Buffer:
    words, indices = array.dictionary, array.indices
    codes = _stored(indices, np.dtype(indices.type.to_pandas_dtype())).astype(np.int64)
    valid = _valid(indices)
    if valid is not None:
        codes[~valid] = -1
    if words.null_count or len(words) == 0:
        return buffer_of(pl.Series(array.cast(pa.string()).to_pylist(), dtype=pl.String))
    return TextBuffer("text", *_texts(words), codes=codes)
