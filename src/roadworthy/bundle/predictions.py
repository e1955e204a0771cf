"""Prediction and feedback records: what the server writes and `watch` reads.

A log is a folder of segments `predictions-<utc>-<pid>.log` and `feedback-<utc>-<pid>.log`. Each process appends to
segments of its own, so that a crash can tear the last record of a segment only. A record is framed as length (uint32,
little endian), CRC-32 of the payload (uint32), payload (MessagePack array, first element 1 for a prediction, 2 for
feedback). Fields are only ever added at the end of a record, so old logs stay readable.
"""

import re
import zlib
from collections.abc import Iterable
from pathlib import Path
from struct import Struct as Layout
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct, field

Kind: TypeAlias = Literal["predictions", "feedback"]

_HEAD = Layout("<II")
_LARGEST = 1 << 28
_START = re.compile(rb"[\x90-\x9f][\x01\x02]")


class PredictionRecord(Struct, frozen=True, kw_only=True, array_like=True, tag=1):
    """One answered row.

    Attributes:
        id: given by the server, unique for ever; what feedback names.
        at: when it was answered, Unix seconds.
        model: name of the model; version: content id of its bundle.
        key: what names the record in the user's world (a Message-ID, an application number); may be empty.
        probability: calibrated, of the positive class. decision: 1 where the model said positive, else 0.
        features: dense features in the order of the bundle's `names`; nan is a missing value.
        raw: the input as it came (a mail, or the row as JSON), where the user declared that inputs are kept.
    """

    id: str
    at: float
    model: str
    version: str
    key: str
    probability: float
    decision: int
    features: list[float]
    raw: bytes | None = None


class FeedbackRecord(Struct, frozen=True, kw_only=True, array_like=True, tag=2):
    """The truth that came back for a prediction, named by its `id` or by its `key` (the other is empty).

    Attributes:
        label: the true value of the target, as a string.
        at: when it came back, Unix seconds.
        source: who or what said so, in the sender's words.
    """

    id: str = ""
    key: str = ""
    label: str
    at: float
    source: str = ""


Record: TypeAlias = PredictionRecord | FeedbackRecord

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(PredictionRecord | FeedbackRecord).decode


class Segment(Struct, frozen=True, kw_only=True):
    """What was read of one segment.

    Attributes:
        records: whole records, in the order in which they were written.
        next_offset: where to go on reading.
        torn: bytes after the last whole record: a record that is being written, or was when the writer died.
        damaged: bytes skipped between whole records; the disk or somebody changed them.
    """

    records: list[Record]
    next_offset: int
    torn: int = 0
    damaged: int = 0


class LogPosition(Struct, frozen=True, kw_only=True):
    """How far a log was read: segment name to offset. A reader keeps it and goes on from there."""

    offsets: dict[str, int] = field(default_factory=dict)


class LogRead(Struct, frozen=True, kw_only=True):
    """What was read of a folder.

    Attributes:
        records: oldest segment first. position: give it back to read on.
        torn, damaged: bytes by segment name, where there were any.
        more: whether `limit` ended the reading.
    """

    records: list[Record]
    position: LogPosition
    torn: dict[str, int] = field(default_factory=dict)
    damaged: dict[str, int] = field(default_factory=dict)
    more: bool = False


def frame(records: Iterable[Record]) -> bytes:
    """Records as the bytes of a log.

    >>> sent = FeedbackRecord(key="m1", label="spam", at=0.0)
    >>> len(frame([sent, sent])) == 2 * len(frame([sent]))
    True
    """
    parts: list[bytes] = []
    for record in records:
        payload = _encode(record)
        parts.append(_HEAD.pack(len(payload), zlib.crc32(payload)))
        parts.append(payload)
    return b"".join(parts)


def read_records(path: Path, *, offset: int = 0) -> tuple[list[Record], int]:
    """Whole records from `offset` on, and the offset to go on from; a torn tail is left for the next reading."""
    segment = read_segment(path, offset=offset)
    return segment.records, segment.next_offset


def read_segment(path: Path, *, offset: int = 0, limit: int | None = None) -> Segment:
    """Read one segment from `offset` on, at most `limit` records, and say what could not be read.

    Args:
        path: an existing segment.
        offset: the `next_offset` of an earlier reading, or 0; bytes.
        limit: how many records at most; None reads to the end.
    """
    with path.open("rb") as stream:
        stream.seek(offset)
        data = stream.read()
    records: list[Record] = []
    at = damaged = 0
    while at < len(data) and (limit is None or len(records) < limit):
        end = _whole(data, at)
        if end is None:
            again = _next_whole(data, at + 1)
            if again is None:
                return Segment(records=records, next_offset=offset + at, torn=len(data) - at, damaged=damaged)
            damaged += again - at
            at = again
        else:
            records.append(_decode(memoryview(data)[at + _HEAD.size : end]))
            at = end
    return Segment(records=records, next_offset=offset + at, damaged=damaged)


def read_log(folder: Path, kind: Kind, *, position: LogPosition | None = None, limit: int = 100_000) -> LogRead:
    """What came into a folder's log since `position`, oldest segment first.

    Args:
        folder: where the segments lie; a missing one holds nothing.
        kind: predictions or feedback.
        position: what an earlier reading gave; None reads from the beginning.
        limit: how many records at most, so that a long log is read in bounded memory.
    """
    known = position.offsets if position else {}
    offsets: dict[str, int] = {}
    records: list[Record] = []
    torn: dict[str, int] = {}
    damaged: dict[str, int] = {}
    for path in segments(folder, kind):
        start = offsets[path.name] = known.get(path.name, 0)
        if len(records) >= limit or path.stat().st_size <= start:
            continue
        read = read_segment(path, offset=start, limit=limit - len(records))
        records += read.records
        offsets[path.name] = read.next_offset
        if read.torn:
            torn[path.name] = read.torn
        if read.damaged:
            damaged[path.name] = read.damaged
    return LogRead(
        records=records,
        position=LogPosition(offsets=offsets),
        torn=torn,
        damaged=damaged,
        more=len(records) >= limit,
    )


def segments(folder: Path, kind: Kind) -> list[Path]:
    """The segments of a log, oldest first."""
    return sorted(folder.glob(f"{kind}-*.log"))


def _whole(data: bytes, at: int) -> int | None:
    """Where the record that begins at `at` ends, or None if it is not whole."""
    if len(data) - at < _HEAD.size:
        return None
    length, crc = _HEAD.unpack_from(data, at)
    begin, end = at + _HEAD.size, at + _HEAD.size + length
    if not 2 <= length <= _LARGEST or end > len(data):
        return None
    return end if zlib.crc32(memoryview(data)[begin:end]) == crc and _START.match(data, begin) else None


def _next_whole(data: bytes, at: int) -> int | None:
    """The first place from `at` on where a whole record begins, or None."""
    for found in _START.finditer(data, at + _HEAD.size):
        begin = found.start() - _HEAD.size
        if _whole(data, begin) is not None:
            return begin
    return None
