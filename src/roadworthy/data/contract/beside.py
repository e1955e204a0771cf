"""Small tables that lie beside the data: reference lists, trusted samples, results of a check by hand."""

from pathlib import Path

import polars as pl

from roadworthy.kernel.errors import SourceError

_MOST_BYTES = 1 << 30
_SEPARATORS = {".tsv": "\t", ".tab": "\t"}
_PARQUET = (".parquet", ".pq")
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
"""Spellings of a missing value."""


def read_beside(path: Path) -> pl.DataFrame:
    """A CSV, TSV or Parquet file as a table of texts, trimmed; null is missing.

    Raises:
        SourceError: if it is not there, is larger than 1 GiB, or cannot be read.
    """
    if not path.is_file():
        raise SourceError("there is no such table", where=str(path), fix="correct the path; it is relative")
    if path.stat().st_size > _MOST_BYTES:
        raise SourceError("the table is larger than 1 GiB", where=str(path), fix="give one that lists each value once")
    try:
        if path.suffix.lower() in _PARQUET:
            frame = pl.read_parquet(path).cast(pl.String)
        else:
            separator = _SEPARATORS.get(path.suffix.lower(), ",")
            frame = pl.read_csv(path, separator=separator, infer_schema=False, encoding="utf8")
    except (pl.exceptions.PolarsError, OSError, ValueError) as err:
        what = f"the table cannot be read: {str(err).splitlines()[0]}"
        raise SourceError(what, where=str(path), fix="give a CSV with a header, in UTF-8, or Parquet") from err
    trimmed = pl.all().str.strip_chars()
    return frame.with_columns(pl.when(~trimmed.is_in(MISSING)).then(trimmed).name.keep())
