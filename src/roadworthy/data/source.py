"""What a source of raw data yields, and how to write another one.

A source is a callable `source(declared, *, context) -> Iterator[Given]`, registered in the wiring under its kind as
a dotted string (`"mail": "roadworthy.data.sources.mail:mail"`). In a fixed order
that depends on the data alone it yields:

- `RawMail` for each raw message, or `RawTable` for each file of a table (one source yields one of the two kinds);
- a `Finding` for whatever it skipped or could not read. Nothing may be dropped without one;
- a `SourceFile`, the content address of what it read, where that lies in no file that `path` names (a database).

It raises `SourceError` where nothing can be read at all. `acquire` does the rest: it parses, labels, pseudonymises,
types, checks and stores. A source that makes its records (a simulator) leaves `path` empty, and sets `archive` and
`member` to names under which the same record is made again, so that its raw bytes can be read back later. A source that
reads what no path names is an object with `contents` too (`places.Fingerprinted`), by which a change is noticed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import polars as pl
from msgspec import Struct, field

from roadworthy.declare.data import Data, Source
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.ports import Progress
from roadworthy.kernel.records import SourceFile

PREDICTION_LOG = "prediction log"
"""The archive of rows that came back from production."""


class RawMail(Struct, frozen=True, kw_only=True):
    """One raw message.

    Attributes:
        raw: the bytes as they were found.
        archive: the archive, mbox or folder, named so that it says nothing of the machine.
        member: path inside the archive, with `/`.
        offset: where the message begins: byte offset in an mbox or in the unpacked archive; 0 for a file of its own.
        label: the answer, where the source itself knows it; None leaves it to the declared label.
        extra: more columns, such as `reported_at` or `consent`; numbers, texts, booleans or None.
    """

    raw: bytes
    archive: str
    member: str
    offset: int = 0
    label: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class RawTable(Struct, frozen=True, kw_only=True):
    """One table, or one part of a large one; null is a missing value.

    A large file or query comes in parts (`RawTable`s with the same `archive`, in order), so that whoever needs one pass
    holds one part only.

    Attributes:
        frame: columns as the file (or the declaration) names them. What has no types (CSV, XML, logs) is given as text
            and typed later; what has them (Parquet, databases) is given as it is. Never a lossy guess.
        archive: the file, table or query, named so that it says nothing of the machine and holds no password.
        first_line: line number of the first record, to name rows that have no key.
        names: where each row was found, one text per row (`book.xlsx:Sheet1:7`, `data.json:/items/3`); by default
            `archive:line`.
    """

    frame: pl.DataFrame
    archive: str
    first_line: int = 1
    names: pl.Series | None = None

    def row_names(self) -> pl.Series:
        """Where each row was found, as text."""
        if self.names is not None:
            return self.names.alias("row_key")
        lines = pl.int_range(self.first_line, self.first_line + self.frame.height, eager=True).cast(pl.String)
        return (f"{self.archive}:" + lines).alias("row_key")


Given = RawMail | RawTable | Finding | SourceFile


class SourceContext(Struct, frozen=True, kw_only=True):
    """What a source may know beside its own declaration.

    Attributes:
        root: the folder that relative paths start from.
        target: the column that holds the answer.
        data: the whole `[data]` declaration.
        progress: told of each file begun and each record read.
    """

    root: Path
    target: str
    data: Data
    progress: Progress


class ReadSource(Protocol):
    """The shape of a source."""

    def __call__(self, declared: Source, *, context: SourceContext) -> Iterator[Given]:
        """Yield records and findings, in a fixed order."""
