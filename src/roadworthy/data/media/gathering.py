"""The loop that sources of files share: one row of facts for each, with its label; what is odd about all is told."""

from collections.abc import Callable, Collection, Iterator
from pathlib import PurePosixPath
from typing import Any

import polars as pl
from msgspec import Struct, field

from roadworthy.data.bounded import UNREADABLE, BombError, Limits
from roadworthy.data.labels import file_labeller, label_column
from roadworthy.data.media.trouble import TroubleError
from roadworthy.data.source import Given, RawTable, SourceContext
from roadworthy.data.streams import Stream, nothing_found, set_aside, streams
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.fingerprint import sha256
from roadworthy.kernel.limits import Verdict

_PART = 1_000
NAMED: dict[str, type[pl.DataType]] = {"file": pl.String, "folder": pl.String, "bytes": pl.Int64, "sha256": pl.String}
"""Columns of every file: where it lies, the folder that holds it, its size, and its content address."""

Facts = dict[str, Any]
Look = Callable[[Stream, bytes], Facts | list[Facts]]
Judge = Callable[[pl.DataFrame], list[Finding]]


class Medium(Struct, frozen=True, kw_only=True):
    """How one kind of file is read.

    Attributes:
        endings: of the files that are read. ignored: endings of files that are read by other means.
        columns: what `look` gives, with types.
        look: facts of one file, or of several things in it; it raises `TroubleError`.
        row_name: what a row is called.
        judge: what is odd about all files together, `columns` and `NAMED` given. judged: the columns that it needs.
        largest: bytes of one file.
    """

    noun: str
    endings: Collection[str]
    columns: dict[str, Any]
    look: Look
    judge: Judge
    judged: Collection[str]
    ignored: Collection[str] = ()
    largest: int = 256 << 20
    row_name: pl.Expr = field(default_factory=lambda: pl.col("file"))


def gather(declared: Source, context: SourceContext, medium: Medium) -> Iterator[Given]:
    """One row for each file that a source declares, or for each thing in it, in parts of about 1,000.

    A file that cannot be read is told in a finding.

    Raises:
        SourceError: if no file can be read at all.
    """
    label_of = file_labeller(declared.label, context.root)
    target = label_column(context.target)
    schema = {**NAMED, **medium.columns, **({target: pl.String} if declared.label else {})}
    parts: dict[str, list[Facts]] = {}
    judged: list[pl.DataFrame] = []
    first: Finding | None = None
    context.progress.begin(f"read {declared.path}")
    limits = Limits(member=medium.largest)
    for stream in streams(declared, context.root, endings=medium.endings, limits=limits, ignored=medium.ignored):
        given = stream if isinstance(stream, Finding) else _rows(stream, medium)
        if isinstance(given, Finding):
            first = first or (given if given.verdict is Verdict.FAIL else None)
            yield given
        elif isinstance(stream, Stream):
            labelled = label_of(stream.archive, stream.member, given[0]["sha256"])
            _label(given, {} if labelled is None else {target: labelled.label, **labelled.extra}, stream)
            context.progress.advance(note=stream.name)
            rows = parts.setdefault(stream.archive, [])
            rows += given
            if len(rows) >= _PART:
                yield _part(parts.pop(stream.archive), stream.archive, schema, medium=medium, judged=judged)
    for archive, rows in parts.items():
        yield _part(rows, archive, schema, medium=medium, judged=judged)
    context.progress.end()
    if not judged:
        raise nothing_found(declared, medium.noun, first)
    yield from medium.judge(pl.concat(judged))


def _rows(stream: Stream, medium: Medium) -> list[Facts] | Finding:
    try:
        data = stream.read(most=medium.largest)
        facts = medium.look(stream, data)
    except TroubleError as err:
        return set_aside(stream, err.why, check=err.check)
    except BombError as err:
        return set_aside(stream, str(err), check="data.hostile")
    except UNREADABLE as err:
        return set_aside(stream, f"it cannot be read ({err})")
    folder = PurePosixPath(stream.name).parent.name
    of_all = {"file": stream.name, "folder": folder, "bytes": len(data), "sha256": sha256(data)}
    return [{**of_all, **one} for one in (facts if isinstance(facts, list) else [facts])]


def _label(rows: list[Facts], beside: Facts, stream: Stream) -> None:
    clash = rows[0].keys() & beside.keys()
    if clash:
        raise DataError(
            f"{', '.join(sorted(clash))} is a column of every file already",
            where=f"{stream.name}, [[data.source]] label",
            fix="give the target, or the column of the label file, another name",
        )
    for row in rows:
        row.update(beside)


def _part(
    rows: list[Facts], archive: str, schema: dict[str, Any], *, medium: Medium, judged: list[pl.DataFrame]
) -> RawTable:
    more = dict.fromkeys(name for row in rows for name in row if name not in schema)
    frame = pl.DataFrame(rows, schema={**schema, **dict.fromkeys(more, pl.String)})
    judged.append(frame.select("file", *medium.judged))
    names = frame.select(medium.row_name.alias("row_key")).to_series()
    return RawTable(frame=frame, archive=archive, names=names)
