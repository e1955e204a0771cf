"""Tables to files: CSV, JSON Lines, Parquet; whole or not at all."""

from io import BytesIO
from pathlib import Path

import polars as pl

from roadworthy.kernel.errors import PlaceError
from roadworthy.kernel.files import write_atomically
from roadworthy.kernel.nearest import did_you_mean

ENDINGS = (".csv", ".jsonl", ".parquet")


def write_table(frame: pl.DataFrame, out: Path) -> None:
    """Write a table in the format that the file's ending names.

    In CSV, lists and structs are written as JSON, and bytes as hexadecimal digits, since it has no such thing.

    Raises:
        PlaceError: if the ending is none of `.csv`, `.jsonl`, `.parquet`, or the file cannot be written.
    """
    demand_ending(out)
    write_atomically(out, _bytes(frame, out.suffix.lower()))


def read_written(file: Path) -> pl.DataFrame:
    """A table of texts as `write_table` wrote it: missing values and empty texts are told apart, nothing is typed.

    Raises:
        PlaceError: if it cannot be read, or its ending is another one.
    """
    demand_ending(file)
    try:
        if file.suffix.lower() == ".csv":
            return pl.read_csv(file, infer_schema=False)
        return pl.read_parquet(file) if file.suffix.lower() == ".parquet" else pl.read_ndjson(file)
    except (OSError, pl.exceptions.PolarsError) as err:
        raise PlaceError(
            f"the table cannot be read: {str(err).splitlines()[0]}",
            where=str(file),
            fix="name the file that was written",
        ) from err


def demand_ending(out: Path) -> None:
    """Nothing, if tables can be written to a file of this name; asked before long work.

    Raises:
        PlaceError: if not.
    """
    if out.suffix.lower() not in ENDINGS:
        raise PlaceError(
            f"no table can be written as {out.suffix or 'a file without an ending'!r}",
            where=str(out),
            fix=did_you_mean(out.suffix.lower(), ENDINGS),
        )


def _bytes(frame: pl.DataFrame, ending: str) -> bytes:
    if ending == ".csv":
        return frame.with_columns(_plain(frame)).write_csv().encode()
    if ending == ".jsonl":
        return frame.with_columns(_hex(frame)).write_ndjson().encode()
    held = BytesIO()
    frame.write_parquet(held, compression="zstd")
    return held.getvalue()


def _plain(frame: pl.DataFrame) -> list[pl.Expr]:
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    packed = [pl.struct(pl.col(name).alias("v")).struct.json_encode() for name in nested]
    # the JSON of {"v": X} without its frame is the JSON of X
    plain = [
        pl.when(pl.col(name).is_not_null()).then(text.str.slice(5).str.head(-1)).alias(name)
        for name, text in zip(nested, packed, strict=True)
    ]
    return plain + _hex(frame)


def _hex(frame: pl.DataFrame) -> list[pl.Expr]:
    return [pl.col(name).bin.encode("hex") for name, kind in frame.schema.items() if kind == pl.Binary()]
