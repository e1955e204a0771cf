"""Workbooks (.xlsx, .xlsm): every sheet a table, cells as text or exact numbers, formulas by their stored values."""

import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import chain, islice
from typing import Any
from xml.etree.ElementTree import ParseError

import polars as pl
from msgspec import Struct, field
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from roadworthy.data.archives import unread
from roadworthy.data.bounded import UNREADABLE, BombError, Limits
from roadworthy.data.delimited.dialects import has_header
from roadworthy.data.delimited.told import column_names
from roadworthy.data.source import Given, RawTable, SourceContext
from roadworthy.data.streams import Stream, checked_options, nothing_found, set_aside, streams
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.units import plural

_OPTIONS = ("sheets", "header")
_ENDINGS = frozenset((".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb"))
_MOST = 1 << 30
_RATIO, _GRACE = 300, 64 << 20
_PART = 50_000
_LOOKED_AT = 200
_SHOWN = 20
_OLE = b"\xd0\xcf\x11\xe0"
_BROKEN = (
    *(zipfile.BadZipFile, InvalidFileException, ParseError, NotImplementedError),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, zlib.error, *UNREADABLE),
)


class Sheet(Struct):
    """One sheet as it is read: its rows, merged ranges, and what was noticed."""

    title: str
    rows: Iterator[tuple[int, list[str | None]]]
    merged: list[tuple[int, int, int, int]]
    seen: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, place: str) -> None:
        """Count a cell."""
        self.seen[what] += 1
        if self.seen[what] <= _SHOWN:
            self.places.setdefault(what, []).append(place)


def excel(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Every sheet of every workbook that the declared path, folder or glob holds.

    Options: `sheets` (names; all that are not hidden by default), `header` (how many rows hold names; told by merged
    cells and values by default, 0 for none).

    Raises:
        SourceError: if nothing can be read, a workbook is a bomb, or a sheet or option is not known.
    """
    options = checked_options(declared, _OPTIONS)
    found = 0
    first: Finding | None = None
    context.progress.begin(f"read {declared.path}")
    for stream in streams(declared, context.root, endings=_ENDINGS, limits=Limits(total=_MOST, member=_MOST)):
        for given in [stream] if isinstance(stream, Finding) else _workbook(stream, options):
            found += isinstance(given, RawTable)
            first = first or (given if isinstance(given, Finding) else None)
            yield given
        context.progress.advance()
    context.progress.end()
    if not found:
        raise nothing_found(declared, "table in a workbook", first)


def _workbook(stream: Stream, options: dict[str, Any]) -> Iterator[RawTable | Finding]:
    try:
        data = stream.read(most=_MOST)
        refused = _refused(data)
    except (BombError, *_BROKEN) as err:
        yield set_aside(stream, f"it is damaged ({err})")
        return
    if refused:
        yield set_aside(stream, refused[1], check=refused[0], remedy="save it as .xlsx, without a password")
        return
    with warnings.catch_warnings():
        # openpyxl warns of parts that it does not read, such as data validation
        warnings.simplefilter("ignore")
        try:
            yield from _sheets(data, stream.name, options)
        except _BROKEN as err:
            why = f"the workbook is damaged: {type(err).__name__}: {err}"
            raise SourceError(why, where=stream.name, fix="open it in a spreadsheet and save it anew") from err


def _refused(data: bytes) -> tuple[str, str] | None:
    """Why a workbook is not opened at all."""
    if data.startswith(_OLE):
        return "data.readable", "it is a workbook of the old format (.xls), or one with a password"
    with zipfile.ZipFile(BytesIO(data)) as archive:
        infos = archive.infolist()
        size = sum(info.file_size for info in infos)
        if size > min(_MOST, max(_GRACE, _RATIO * len(data))):
            return "data.hostile", f"{size:,} bytes come out of {len(data):,}"
        for info in infos:
            if info.filename.endswith((".xml", ".rels")):
                with archive.open(info) as member:
                    head = member.read(65_536)
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head or head[:2] in (b"\xfe\xff", b"\xff\xfe"):
                    return "data.hostile", f"{info.filename} declares entities"
        if not any(info.filename == "xl/workbook.xml" for info in infos):
            return "data.readable", "it holds no workbook that can be read (xl/workbook.xml)"
    return None


def _sheets(data: bytes, name: str, options: dict[str, Any]) -> Iterator[RawTable | Finding]:
    values = load_workbook(BytesIO(data), read_only=True, data_only=True)
    formulas = load_workbook(BytesIO(data), read_only=True, data_only=False)
    titles = [sheet.title for sheet in values.worksheets]
    wanted = options.get("sheets")
    wanted = [wanted] if isinstance(wanted, str) else wanted
    for title in wanted or ():
        if title not in titles:
            raise SourceError(f"there is no sheet {title!r}", where=name, fix=did_you_mean(title, titles))
    for sheet, twin in zip(values.worksheets, formulas.worksheets, strict=True):
        if wanted is None and sheet.sheet_state != "visible":
            yield _hidden(name, sheet.title)
        elif wanted is None or sheet.title in wanted:
            opened = Sheet(title=sheet.title, rows=iter(()), merged=_merged(data, sheet))
            opened.rows = _rows(sheet, twin, opened)
            yield from _table(opened, name, options)


def _merged(data: bytes, sheet: Any) -> list[tuple[int, int, int, int]]:
    """Merged ranges as first column, first row, last column, last row, from 1; read-only sheets do not tell them."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        text = archive.read(sheet._worksheet_path)  # there is no other way to it
    found = re.findall(rb'<(?:\w+:)?mergeCell ref="([A-Z]+\d+:[A-Z]+\d+)"', text)
    return [range_boundaries(place.decode()) for place in found]


def _rows(sheet: Any, twin: Any, seen: Sheet) -> Iterator[tuple[int, list[str | None]]]:
    """Rows that hold anything, with their numbers."""
    for one in (sheet, twin):
        one.reset_dimensions()
    for number, (cells, made) in enumerate(zip(sheet.iter_rows(), twin.iter_rows(), strict=True), start=1):
        row = [_cell(cell, other, number, seen) for cell, other in zip(cells, made, strict=True)]
        while row and row[-1] is None:
            row.pop()
        if row:
            yield number, row


def _cell(cell: Any, made: Any, number: int, seen: Sheet) -> str | None:
    """A cell as text; what is an error, or a formula without a stored value, is missing and counted."""
    value = cell.value
    if value is None:
        if made.data_type == "f":
            seen.note("formulas without a stored value", f"{seen.title}!{made.coordinate}")
        return None
    if cell.data_type == "e":
        seen.note(f"errors ({value})", f"{seen.title}!{cell.coordinate}")
        return None
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        plain = value.time() == time() and value.tzinfo is None
        return value.date().isoformat() if plain else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return repr(value) if isinstance(value, float) else str(value)


def _table(sheet: Sheet, name: str, options: dict[str, Any]) -> Iterator[RawTable | Finding]:
    head = list(islice(sheet.rows, _LOOKED_AT))
    width = max((len(row) for _, row in head), default=0)
    if not width:
        yield unread(name, sheet.title, "the sheet is empty")
        return
    start = _first(head, width)
    count = _header_rows(head[start:], sheet, options)
    names, made = column_names(_names(head[start : start + count], width, sheet), width)
    rows = chain(head[start + count :], sheet.rows)
    line = head[start + count - 1][0] + 1 if count else head[start][0]
    empty = True
    while part := list(islice(rows, _PART)):
        names = [*names, *(f"column_{place + 1}" for place in range(len(names), max(len(row) for _, row in part)))]
        yield _part(part, names, f"{name}:{sheet.title}")
        empty = False
    if empty:
        frame = pl.DataFrame(schema=dict.fromkeys(names, pl.String()))
        yield RawTable(frame=frame, archive=f"{name}:{sheet.title}", first_line=line)
    yield from _told(sheet, name, made if count else [], skipped=start)


def _first(head: Sequence[tuple[int, list[str | None]]], width: int) -> int:
    """Titles above the table hold one cell, where the table has more."""
    for place, (_, row) in enumerate(head):
        if sum(cell is not None for cell in row) > 1 or width == 1:
            return place
    return 0


def _header_rows(head: Sequence[tuple[int, list[str | None]]], sheet: Sheet, options: dict[str, Any]) -> int:
    if "header" in options:
        return min(int(options["header"]), len(head))
    first = head[0][0]
    across = [last for _, top, _, last in sheet.merged if top == first] + [
        top + 1 for left, top, right, _ in sheet.merged if top == first and right > left
    ]
    deep = max((last - first + 1 for last in across), default=1)
    if deep > 1:
        return min(deep, len(head))
    return int(has_header([[cell or "" for cell in row] for _, row in head]))


def _names(header: Sequence[tuple[int, list[str | None]]], width: int, sheet: Sheet) -> list[str]:
    """One name a column: what stands above it, merged cells spread, from the top down."""
    names: list[list[str]] = [[] for _ in range(width)]
    for number, row in header:
        cells = [row[place] if place < len(row) else None for place in range(width)]
        for left, top, right, last in sheet.merged:
            if top == number and last >= top and left <= width:
                cells[left - 1 : right] = [cells[left - 1]] * (min(right, width) - left + 1)
        for place, cell in enumerate(cells):
            if cell and cell.strip() not in names[place]:
                names[place].append(cell.strip())
    return [" / ".join(parts) for parts in names]


def _part(rows: Sequence[tuple[int, list[str | None]]], names: Sequence[str], archive: str) -> RawTable:
    columns = {
        name: pl.Series([row[place] if place < len(row) else None for _, row in rows], dtype=pl.String)
        for place, name in enumerate(names)
    }
    places = pl.Series([f"{archive}:{number}" for number, _ in rows], dtype=pl.String)
    return RawTable(frame=pl.DataFrame(columns), archive=archive, first_line=rows[0][0], names=places)


def _told(sheet: Sheet, name: str, made: list[str], *, skipped: int) -> Iterator[Finding]:
    for what, count in sheet.seen.items():
        yield _cells(name, sheet.title, f"{plural(count, 'cell')} hold {what} and count as missing", sheet.places[what])
    if made:
        yield _cells(name, sheet.title, f"{plural(len(made), 'column')} got a name: {', '.join(made[:_SHOWN])}", [])
    if skipped:
        yield _cells(name, sheet.title, f"{plural(skipped, 'row')} above the table passed over", [])


def _cells(name: str, title: str, what: str, places: list[str]) -> Finding:
    return Finding(
        check="data.cells",
        subject=f"{name}:{title}",
        verdict=Verdict.FAIL if places else Verdict.PASS,
        summary=f"{name}, sheet {title}: {what}.",
        severity=Severity.WARNING if places else Severity.NOTE,
        evidence={"rows": places, "archive": name, "member": title},
        remedy="open the workbook, calculate, mend and save it" if places else "",
    )


def _hidden(name: str, title: str) -> Finding:
    return _cells(name, title, "the sheet is hidden and was not read; name it in sheets to read it", [])
