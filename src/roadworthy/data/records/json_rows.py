"""One file of JSON, or of JSON lines, turned into parts of a table and findings."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

from msgspec import Struct

from roadworthy.data.records.exact import DepthError, Exact, Odd
from roadworthy.data.records.flatten import Flattener, Row
from roadworthy.data.records.gathered import READ_TROUBLE, gathered
from roadworthy.data.records.lines import BrokenError, Line, lines
from roadworthy.data.records.noted import Noted, noted
from roadworthy.data.records.parts import Parts
from roadworthy.data.records.paths import MISSING, Step, at, pointer, steps_of
from roadworthy.data.records.search import Candidate, Found, find_records, records_at
from roadworthy.data.records.walk import JsonStream
from roadworthy.data.source import RawTable
from roadworthy.data.streams import Stream
from roadworthy.kernel.finding import Finding


class Wanted(Struct, frozen=True, kw_only=True):
    """What is wanted of JSON.

    Attributes:
        records: path to the records; None finds them by the rule of `find_records`.
        flattener: makes a fresh flattener for a file.
        encoding: of the bytes. most: characters of one record.
    """

    records: str | None
    flattener: Callable[[], Flattener]
    encoding: str = "utf-8"
    most: int = 16 << 20


def json_rows(stream: Stream, wanted: Wanted) -> Iterator[RawTable | Finding]:
    """Every record of one file of JSON: one document, or several one after the other."""
    steps, others = _steps(stream, wanted)
    flattener, parts, noticed = wanted.flattener(), Parts(stream.name), Noted(stream.name)

    def rows() -> Iterator[tuple[Row, str]]:
        with closing(stream.open()) as opened:
            text = JsonStream(opened.read, encoding=wanted.encoding, most=wanted.most)
            for name, found in _documents(text, steps, stream.name):
                noticed.odd(found.odd, name)
                yield flattener.row(found.value, name), name
        if not parts.total:
            raise BrokenError(*_no_record(wanted.records))

    yield from gathered(stream, rows(), parts)
    yield from noticed.findings(rows=parts.given, kinds=flattener.kinds, left_over=flattener.left_over)
    yield from others


def line_rows(stream: Stream, wanted: Wanted) -> Iterator[RawTable | Finding]:
    """Every record of one file of JSON lines; a line that holds none is set aside, with its number and the reason."""
    flattener, parts, noticed = wanted.flattener(), Parts(stream.name), Noted(stream.name)
    steps, exact = steps_of(wanted.records or ""), Exact()

    def rows() -> Iterator[tuple[Row, str]]:
        with closing(stream.open()) as opened:
            for line in lines(opened.read, encoding=wanted.encoding, most=wanted.most):
                for row, odd, name in _line(line, exact, steps, flattener=flattener, noticed=noticed):
                    noticed.odd(odd, name)
                    yield row, name
        if not parts.total and not noticed.bad.count:
            raise BrokenError(*_no_record(wanted.records))

    yield from gathered(stream, rows(), parts)
    yield from noticed.findings(rows=parts.given, kinds=flattener.kinds, left_over=flattener.left_over)


def _line(
    line: Line, exact: Exact, steps: Sequence[Step], *, flattener: Flattener, noticed: Noted
) -> list[tuple[Row, Odd, str]]:
    """The records of one line, or of it none: a line that is half right is set aside as a whole."""
    if not line.why and not line.text.strip():
        return []
    name = f"{noticed.archive}:{line.number}"
    try:
        values = [] if line.why else _values(line.text.strip(), exact, steps)
        named = [name if place == 0 else f"{name}#{place + 1}" for place in range(len(values))]
        rows = [(flattener.row(value, one), odd, one) for one, (value, odd) in zip(named, values, strict=True)]
    except json.JSONDecodeError as err:
        noticed.bad.note(line.number, f"{err.msg[:1].lower()}{err.msg[1:]} at column {err.pos + 1:,}", line.text)
        return []
    except DepthError as err:
        noticed.bad.note(line.number, str(err), line.text)
        return []
    if not rows:
        noticed.bad.note(line.number, line.why or "nothing lies at the declared path", line.text)
    return rows


def _values(text: str, exact: Exact, steps: Sequence[Step]) -> list[tuple[Any, Odd]]:
    """All values that stand in one line, or what lies at a path in them."""
    found: list[tuple[Any, Odd]] = []
    place = 0
    while place < len(text):
        value, place = exact.decode(text, place)
        below = at(value, steps)
        found += [] if below is MISSING else [(below, exact.odd)]
        place += len(text[place:]) - len(text[place:].lstrip())
    return found


def _documents(text: JsonStream, steps: Sequence[Step], name: str) -> Iterator[tuple[str, Found]]:
    """Records of all documents; those of a second and later document are named by its number too."""
    number = 0
    while text.peek():
        number += 1
        for found in records_at(text, steps):
            where = pointer(found.tokens) or f"{found.line}"
            yield f"{name}:{where}" if number == 1 or not found.tokens else f"{name}:#{number}{where}", found


def _steps(stream: Stream, wanted: Wanted) -> tuple[tuple[Step, ...], list[Finding]]:
    """The declared path to the records, or the one that the rule finds; and what it passed over."""
    if wanted.records is not None:
        return steps_of(wanted.records), []
    found: list[Candidate] = []
    try:
        with closing(stream.open()) as opened:
            found = find_records(JsonStream(opened.read, encoding=wanted.encoding, most=wanted.most))
    except READ_TROUBLE:
        return (), []
    if not found:
        return (), []
    others = [pointer(one.tokens) for one in found[1:]]
    if not others:
        return found[0].tokens, []
    told = noted(
        "data.unmatched",
        stream.name,
        f"{stream.name} holds {len(found)} arrays of records; {pointer(found[0].tokens)}, the longest, was read, and "
        f"not {', '.join(others[:5])}.",
        count=len(others),
        evidence={"archive": stream.name, "read": pointer(found[0].tokens), "not read": others[:20]},
        remedy='declare which is wanted, such as records = "/items"',
    )
    return found[0].tokens, [told]


def _no_record(records: str | None) -> tuple[str, str]:
    """Why, and where."""
    return (f"nothing lies at {records}" if records else "it holds no record"), "its end"
