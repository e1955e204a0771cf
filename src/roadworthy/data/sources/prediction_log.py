"""Inputs that our own server answered and kept, with the truth that came back for them since."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from msgspec import Struct

from roadworthy.bundle.predictions import FeedbackRecord, Kind, LogPosition, PredictionRecord, Record, read_log
from roadworthy.data.places import places
from roadworthy.data.source import PREDICTION_LOG, Given, RawMail, RawTable, SourceContext
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.fingerprint import sha256
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_UNUSED = {
    "unlabelled": "no label has come back for them yet",
    "no input": "their inputs were not kept; declare keep_inputs = true in [deploy.online]",
    "again": "the same input was answered before",
    "not a row": "their input is neither a mail nor a row",
}


class _Truth(Struct):
    """Labels that came back, by prediction id and by key; the latest word on each counts."""

    by_id: dict[str, FeedbackRecord]
    by_key: dict[str, FeedbackRecord]

    def label(self, answered: PredictionRecord) -> str | None:
        found = [one for one in (self.by_id.get(answered.id), self.by_key.get(answered.key)) if one]
        return max(found, key=lambda one: one.at).label if found else None


def prediction_log(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Every logged input whose truth is known, once; the others are counted in a finding.

    The path names the folder of the log. An input that is a JSON object is a row of a table, else it is a raw mail.

    Raises:
        SourceError: if there is no such folder.
    """
    unused: Counter[str] = Counter()
    rows: list[dict[str, Any]] = []
    context.progress.begin("read the prediction log")
    for place in places(declared, context.root):
        if not place.path.is_dir():
            raise SourceError("a prediction log is a folder", where=str(place.path), fix="name the folder of the log")
        yield from _damage(place.path)
        for answered, label in _labelled(place.path, unused):
            context.progress.advance()
            raw = answered.raw or b""
            if raw[:1] == b"{":
                rows.extend(_row(raw, label, context.target, unused))
            else:
                yield RawMail(raw=raw, archive=PREDICTION_LOG, member=answered.id, label=label)
    context.progress.end()
    if rows:
        yield RawTable(frame=_frame(rows), archive=PREDICTION_LOG)
    for why, count in unused.items():
        yield _unused(why, count)


def _labelled(folder: Path, unused: Counter[str]) -> Iterator[tuple[PredictionRecord, str]]:
    """Answered inputs with their truth, each input once."""
    truth = _truth(folder)
    seen: set[str] = set()
    for answered in _records(folder, "predictions"):
        if not isinstance(answered, PredictionRecord):
            continue
        label = truth.label(answered)
        digest = sha256(answered.raw) if answered.raw else ""
        if label is None:
            unused["unlabelled"] += 1
        elif not digest:
            unused["no input"] += 1
        elif digest in seen:
            unused["again"] += 1
        else:
            seen.add(digest)
            yield answered, label


def _truth(folder: Path) -> _Truth:
    truth = _Truth({}, {})
    for said in _records(folder, "feedback"):
        if isinstance(said, FeedbackRecord):
            place, name = (truth.by_id, said.id) if said.id else (truth.by_key, said.key)
            if name and (name not in place or said.at >= place[name].at):
                place[name] = said
    return truth


def _records(folder: Path, kind: Kind) -> Iterator[Record]:
    """All records of a log, in bounded memory."""
    position: LogPosition | None = None
    more = True
    while more:
        read = read_log(folder, kind, position=position)
        yield from read.records
        position, more = read.position, read.more and bool(read.records)


def _damage(folder: Path) -> Iterator[Finding]:
    """What lies damaged between whole records; a torn tail is a record still being written."""
    position: LogPosition | None = None
    lost = 0
    more = True
    while more:
        read = read_log(folder, "predictions", position=position)
        lost += sum(read.damaged.values())
        position, more = read.position, read.more and bool(read.records)
    if lost:
        yield Finding(
            check="data.readable",
            subject=PREDICTION_LOG,
            verdict=Verdict.FAIL,
            summary=f"{plural(lost, 'byte')} between the records of the prediction log are damaged and were skipped.",
            measured=float(lost),
            unit="bytes",
            evidence={"archive": PREDICTION_LOG, "member": ""},
            remedy="look at the disk that holds the log",
        )


def _row(raw: bytes, label: str, target: str, unused: Counter[str]) -> list[dict[str, Any]]:
    try:
        found = msgspec.json.decode(raw, type=dict[str, Any])
    except msgspec.DecodeError:
        unused["not a row"] += 1
        return []
    return [{**found, target: label}]


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame({name: pl.Series([_word(row.get(name)) for row in rows], dtype=pl.String) for name in names})


def _word(value: object) -> str | None:
    """A value as a table's file would hold it."""
    return None if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _unused(why: str, count: int) -> Finding:
    return Finding(
        check="data.feedback",
        subject=why,
        verdict=Verdict.PASS if why in ("unlabelled", "again") else Verdict.FAIL,
        summary=f"{plural(count, 'logged prediction')} not learnt from: {_UNUSED[why]}.",
        measured=float(count),
        unit="predictions",
        severity=Severity.NOTE,
        evidence={"archive": PREDICTION_LOG, "member": ""},
    )
