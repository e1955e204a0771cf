"""Cells of any type as texts that hold the same value."""

import polars as pl


def as_texts(frame: pl.DataFrame) -> pl.DataFrame:
    r"""The same table, every cell as text, null where it was null.

    Numbers keep all their digits, times are ISO 8601, bytes are hexadecimal digits, lists and records are JSON.

    >>> as_texts(pl.DataFrame({"a": [1, None], "b": [b"\xff", b""], "c": [[1, 2], []]})).rows()
    [('1', 'ff', '[1,2]'), (None, '', '[]')]
    """
    return frame.select(_text(name, kind) for name, kind in frame.schema.items())


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Binary():
        return column.bin.encode("hex")
    if isinstance(kind, pl.Duration):
        return column.dt.to_string("iso")
    if isinstance(kind, pl.Struct):
        return pl.when(column.is_not_null()).then(column.struct.json_encode())
    if isinstance(kind, pl.List | pl.Array):
        inner = pl.struct(column.alias("")).struct.json_encode()
        # {"":[1,2]} without the braces and the name
        return pl.when(column.is_not_null()).then(inner.str.slice(4, inner.str.len_chars() - 5)).alias(name)
    return column.cast(pl.String())
