"""One log file turned into parts of a table: each line by the format that it is written in, traces joined."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain, islice

import polars as pl
from msgspec import Struct

from roadworthy.data.records.gathered import READ_TROUBLE, damage
from roadworthy.data.records.lines import Line, lines, marked_encoding
from roadworthy.data.records.log_columns import LogColumns
from roadworthy.data.records.log_formats import FORMATS, Format, matching, recognised
from roadworthy.data.records.log_told import told
from roadworthy.data.source import RawTable
from roadworthy.data.streams import Stream, set_aside
from roadworthy.kernel.finding import Finding

_BATCH = 20_000
_SAMPLE = 1_000
_HEAD = 4_096
_LONGEST_TRACE = 10_000
_GOES_ON = (
    r"^\s+\S|^(?:Traceback \(|Caused by:|Suppressed:|\.\.\. \d+ more|During handling of|The above exception|[\])}]|"
    r"(?:[A-Za-z_$][\w$]*\.)*[A-Z]\w*(?:Error|Exception|Warning|Interrupt|Exit)(?::|$))"
)
"""Lines that go on with the record before them: indented ones, and the openings of traces of Python and Java."""


class LogWanted(Struct, frozen=True, kw_only=True):
    """What is wanted of a log.

    Attributes:
        formats: to try, in order; empty finds them in the first 1,000 lines.
        zone: of times that say none. year: of the first line, for formats that write none.
        most: bytes of one line.
    """

    formats: tuple[Format, ...] = ()
    zone: str = "UTC"
    year: int | None = None
    encoding: str = "utf-8"
    most: int = 1 << 20


class LogSeen(Struct):
    """What was met in one file: records by format, lines that match none or are too long, traces, and times."""

    archive: str
    formats: Counter[str]
    unmatched: Counter[int]
    too_long: Counter[int]
    joined: int = 0
    no_year: int = 0
    no_time: list[str] = []
    notes: list[str] = []


def log_rows(stream: Stream, wanted: LogWanted) -> Iterator[RawTable | Finding]:
    """Every record of one log. A line of no format is a row too: its text stands in the column `unmatched`."""
    seen = LogSeen(stream.name, Counter(), Counter(), Counter())
    rows = 0
    broken: Finding | None = None
    try:
        with closing(stream.open()) as opened:
            head = opened.read(_HEAD)
            if b"\x00" in head and not marked_encoding(head):
                yield set_aside(stream, "it holds zero bytes; it is no text")
                return
            whole = chain([head], iter(lambda: opened.read(1 << 20), b""))
            found = lines(lambda _: next(whole, b""), encoding=wanted.encoding, most=wanted.most, notes=seen.notes)
            for part in _parts(found, wanted, seen):
                rows += part.frame.height
                yield part
    except READ_TROUBLE as err:
        broken = damage(stream, err, rows=rows)
    if broken:
        yield broken
    yield from told(seen, rows)


def _parts(found: Iterator[Line], wanted: LogWanted, seen: LogSeen) -> Iterator[RawTable]:
    """Batches of lines; the last record of a batch waits for the next one, since its trace may go on there."""
    columns: LogColumns | None = None
    held: list[Line] = []
    for batch, is_last in _batches(found):
        whole = held + _kept(batch, seen)
        if columns is None:
            columns = LogColumns(wanted.formats or _recognised(whole), zone=wanted.zone, year=wanted.year)
        frame = _joined(whole, columns.formats)
        held = []
        if not is_last and frame.height:
            last = int(frame["line"][-1])
            held = [line for line in whole if line.number >= last]
            held = held if len(held) < _LONGEST_TRACE else []
        frame = frame.head(-1) if held else frame
        if frame.height:
            yield _table(frame, columns, seen)


def _batches(found: Iterator[Line]) -> Iterator[tuple[list[Line], bool]]:
    """Lines in batches, and whether a batch is the last."""
    batch = list(islice(found, _BATCH))
    while batch:
        following = list(islice(found, _BATCH))
        yield batch, not following
        batch = following


def _kept(batch: Sequence[Line], seen: LogSeen) -> list[Line]:
    """Lines that hold something; what is too long is told of, and its beginning kept as a line."""
    for line in batch:
        if line.why:
            seen.too_long[line.number] += 1
    return [line for line in batch if line.text.strip()]


def _recognised(batch: Sequence[Line]) -> tuple[Format, ...]:
    sample = pl.Series([line.text for line in batch[:_SAMPLE]], dtype=pl.String)
    return tuple(one for one, _ in recognised(sample, FORMATS))


def _joined(batch: Sequence[Line], formats: Sequence[Format]) -> pl.DataFrame:
    """One row per record: number and text of its first line, its format, and the lines that go on with it."""
    frame = pl.DataFrame(
        {
            "line": pl.Series([line.number for line in batch], dtype=pl.Int64),
            "text": pl.Series([line.text for line in batch], dtype=pl.String),
        }
    )
    which = pl.Series("format", [None] * frame.height, dtype=pl.String)
    for one in formats:
        hit = matching(frame["text"], one.pattern) & which.is_null()
        which = pl.select(pl.when(hit).then(pl.lit(one.name)).otherwise(which).alias("format")).to_series()
    goes_on = which.is_null() & matching(frame["text"], _GOES_ON)
    frame = frame.with_columns(which, (~goes_on).cum_sum().alias("record"))
    return frame.group_by("record", maintain_order=True).agg(
        pl.col("line").first(),
        pl.col("text").first(),
        pl.col("format").first(),
        pl.when(pl.len() > 1).then(pl.col("text").slice(1).str.join("\n")).alias("continued"),
        (pl.len() - 1).alias("more"),
    )


def _table(frame: pl.DataFrame, columns: LogColumns, seen: LogSeen) -> RawTable:
    seen.joined += int(frame["more"].sum())
    seen.formats.update(frame["format"].drop_nulls().to_list())
    for number in frame.filter(pl.col("format").is_null())["line"].to_list():
        seen.unmatched[number] += 1
    names = (pl.lit(f"{seen.archive}:") + pl.col("line").cast(pl.String)).alias("row_key")
    made = columns.table(frame)
    seen.no_year += made.no_year
    seen.no_time.extend(f"{seen.archive}:{number}" for number in made.no_time)
    return RawTable(frame=made.frame, archive=seen.archive, names=frame.select(names).to_series())
