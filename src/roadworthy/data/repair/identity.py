"""What a table is: one digest of its columns, types and cells, in their order."""

import hashlib

import polars as pl


def identity(table: pl.DataFrame) -> str:
    """Hex SHA-256 that changes with any cell, its type, its missingness, the order of rows or of columns.

    >>> identity(pl.DataFrame({"a": ["1", None]})) == identity(pl.DataFrame({"a": ["1", ""]}))
    False
    """
    digest = hashlib.sha256(f"{table.height}".encode())
    for name, dtype in table.schema.items():
        column = table[name]
        digest.update(f"\x00{name}\x00{dtype}\x00".encode())
        digest.update(column.is_null().to_frame().write_csv(include_header=False).encode())
        if dtype.is_nested() or dtype == pl.Object:
            digest.update(repr(column.to_list()).encode())
        else:
            # moments and spans by their physical numbers, which are exact
            texts = column.to_physical().cast(pl.String).to_frame()
            digest.update(texts.write_csv(include_header=False, quote_style="always").encode())
    return digest.hexdigest()
