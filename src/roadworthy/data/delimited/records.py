"""Records of a delimited text: cut at their ends, each with its line, without changing a value.

Regular stretches are cut by counting bytes and parsed by polars; whatever is irregular (a stray quote, a line of
another width) is read field by field. Both read the same language: a field that begins with the quote ends at a quote
before a separator or line end, a doubled quote stands for one, and a quote anywhere else is itself.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

_NEWLINE, _RETURN = 10, 13
_LONGEST_QUOTED = 4 << 20
_UNCLOSED = "a quote is opened and never closed; it was read as itself"


class Shape(Struct, frozen=True, kw_only=True):
    """What parts records and fields.

    Attributes:
        separator: one ASCII character. quote: one, or empty for none.
        padded: spaces after a separator belong to it.
        comment: a line that begins with it is no record; empty for none.
        width: fields of a record.
    """

    separator: str
    quote: str = '"'
    padded: bool = False
    comment: str = ""
    width: int = 0


class Odd(Struct, frozen=True):
    """A line that is not as the others."""

    line: int
    why: str
    text: str
    kept: bool


class Part(Struct, frozen=True):
    """Some records: cells as text in columns `0`, `1` ..., the line each begins at, and what was odd."""

    cells: pl.DataFrame
    lines: NDArray[np.int64]
    odd: list[Odd]


class Record(Struct, frozen=True):
    """One record, where the next one begins, and whether a quote in it does not close or is out of place."""

    fields: list[str]
    end: int
    unclosed: bool = False
    stray: bool = False


def parts(pieces: Iterator[bytes], shape: Shape, *, line: int = 1) -> Iterator[Part]:
    """The records of a text that comes in pieces of UTF-8.

    Args:
        line: the number of the first line.
    """
    pending = b""
    for piece in pieces:
        buffer = pending + piece
        done, part = _take(buffer, shape, line, last=False)
        if part is not None:
            line += buffer[:done].count(b"\n")
            yield part
        pending = buffer[done:]
    if pending:
        _, part = _take(pending if pending.endswith(b"\n") else pending + b"\n", shape, line, last=True)
        if part is not None:
            yield part


def record_at(text: str, start: int, shape: Shape) -> Record:
    """The record that begins at a place of a text; lines end with a line feed.

    >>> record_at('a,"b, ""c"" d",e', 0, Shape(separator=",")).fields
    ['a', 'b, "c" d', 'e']
    """
    fields: list[str] = []
    at, unclosed, stray = start, False, False
    while True:
        found = _field(text, at, shape)
        at = found.end
        fields.append(found.text)
        unclosed, stray = unclosed or found.unclosed, stray or found.stray
        if at >= len(text) or text[at] == "\n":
            break
        at += 1
    if fields[-1].endswith("\r") and text[at - 1 : at] == "\r":
        fields[-1] = fields[-1][:-1]
    return Record(fields, min(at + 1, len(text)), unclosed, stray)


class _Field(Struct, frozen=True):
    text: str
    end: int
    unclosed: bool = False
    stray: bool = False


def _field(text: str, at: int, shape: Shape) -> _Field:
    """The field that begins at a place."""
    if shape.padded:
        while at < len(text) and text[at] == " ":
            at += 1
    if shape.quote and text.startswith(shape.quote, at):
        return _quoted(text, at + 1, shape) or _Field(*_plain(text, at, shape), unclosed=True)
    return _Field(*_plain(text, at, shape))


def _plain(text: str, at: int, shape: Shape) -> tuple[str, int]:
    line = text.find("\n", at)
    line = len(text) if line < 0 else line
    end = text.find(shape.separator, at, line)
    end = line if end < 0 else end
    return text[at:end], end


def _quoted(text: str, at: int, shape: Shape) -> _Field | None:
    """The content of a quoted field and the place after its quote; None if that quote never comes."""
    quote, pieces, stray = shape.quote, [], False
    most = min(len(text), at + _LONGEST_QUOTED)
    while True:
        end = text.find(quote, at, most)
        if end < 0:
            return None
        after = text[end + 1 : end + 2]
        if after == quote:
            pieces.append(text[at : end + 1])
            at = end + 2
            continue
        pieces.append(text[at:end])
        if after in ("", "\n", shape.separator):
            return _Field("".join(pieces), end + 1, stray=stray)
        if text.startswith("\r\n", end + 1):
            return _Field("".join(pieces), end + 2, stray=stray)
        pieces.append(quote)
        stray = True
        at = end + 1


class _Cut(Struct, frozen=True):
    """Where records begin and end, and how many fields each has; `proper` if quotes stand only where they may."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    widths: NDArray[np.int64]


def _take(buffer: bytes, shape: Shape, line: int, *, last: bool) -> tuple[int, Part | None]:
    """The whole records at the beginning of a buffer, and how many bytes they are."""
    cut = None if shape.padded and shape.quote.encode() in buffer and shape.quote else _cut(buffer, shape, last=last)
    if cut is None:
        return _slowly(buffer, shape, line, last=last)
    if not len(cut.ends):
        return (0, None) if len(buffer) < _LONGEST_QUOTED or last else _slowly(buffer, shape, line, last=last)
    return int(cut.ends[-1]) + 1, _regular(buffer, cut, shape, line)


def _cut(buffer: bytes, shape: Shape, *, last: bool) -> _Cut | None:
    """None where a quote stands in a place that only reading field by field can judge."""
    held = np.frombuffer(buffer, np.uint8)
    separators = np.flatnonzero(held == ord(shape.separator))
    newlines = np.flatnonzero(held == _NEWLINE)
    if shape.quote and shape.quote.encode() in buffer:
        quotes = np.flatnonzero(held == ord(shape.quote))
        if not _proper(held, quotes, shape, last=last):
            return None
        newlines = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
        separators = separators[np.searchsorted(quotes, separators) % 2 == 0]
    starts = np.concatenate([[0], newlines[:-1] + 1]) if len(newlines) else newlines
    counts = np.diff(np.searchsorted(separators, newlines), prepend=0)
    return _Cut(starts.astype(np.int64), newlines.astype(np.int64), counts.astype(np.int64) + 1)


def _proper(held: NDArray[np.uint8], quotes: NDArray[np.int64], shape: Shape, *, last: bool) -> bool:
    """Whether every quote opens or closes a field, or is one of a doubled pair."""
    allowed = np.array([ord(shape.separator), _NEWLINE, ord(shape.quote)], np.uint8)
    opening, closing = quotes[0::2], quotes[1::2]
    before = held[opening[opening > 0] - 1]
    after = held[closing[closing < len(held) - 1] + 1]
    closed = len(opening) == len(closing)
    return bool((closed or not last) and np.isin(before, allowed).all() and np.isin(after, [*allowed, _RETURN]).all())


def _regular(buffer: bytes, cut: _Cut, shape: Shape, line: int) -> Part:
    held = np.frombuffer(buffer, np.uint8)
    newlines = np.flatnonzero(held == _NEWLINE)
    lines = np.searchsorted(newlines, cut.starts) + line
    lengths = cut.ends - cut.starts
    blank = (lengths == 0) | ((lengths == 1) & (held[cut.starts] == _RETURN))
    skipped = blank & (shape.width > 1)
    if shape.comment:
        skipped = skipped | (held[np.minimum(cut.starts, len(held) - 1)] == ord(shape.comment))
    good = (cut.widths == shape.width) & ~skipped
    frame = _parsed(buffer, cut, good, shape)
    odd = np.flatnonzero(~good & ~skipped)
    if not len(odd):
        return Part(frame, lines[good], [])
    records = [buffer[cut.starts[at] : cut.ends[at] + 1].decode() for at in odd]
    return _merged(frame, lines[good], [(int(lines[at]), text) for at, text in zip(odd, records, strict=True)], shape)


def _parsed(buffer: bytes, cut: _Cut, good: NDArray[np.bool_], shape: Shape) -> pl.DataFrame:
    """Records of the right width, all at once."""
    names = [str(place) for place in range(shape.width)]
    end = int(cut.ends[-1]) + 1
    if good.all():
        chosen = buffer[:end]
    else:
        kept = np.repeat(good, cut.ends - cut.starts + 1)
        chosen = np.frombuffer(buffer, np.uint8)[:end][kept].tobytes()
    if not chosen:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String()))
    frame = pl.read_csv(
        chosen,
        has_header=False,
        separator=shape.separator,
        quote_char=shape.quote or None,
        infer_schema=False,
        new_columns=names,
        truncate_ragged_lines=False,
    )
    # an empty line of one column is a record too, and so is what polars takes for missing
    frame = frame.fill_null("")
    return frame.with_columns(pl.all().str.strip_chars_start(" ")) if shape.padded else frame


def _slowly(buffer: bytes, shape: Shape, line: int, *, last: bool) -> tuple[int, Part | None]:
    """Field by field."""
    text = buffer.decode()
    rows, at = _rows(text, shape, line, last=last)
    return (len(text[:at].encode()), _fitted(rows, shape)) if at else (0, None)


class _Row(Struct, frozen=True):
    line: int
    fields: list[str]
    raw: str
    unclosed: bool


def _rows(text: str, shape: Shape, line: int, *, last: bool) -> tuple[list[_Row], int]:
    """Records, and the place after the last whole one."""
    rows: list[_Row] = []
    at = 0
    while at < len(text):
        record = record_at(text, at, shape)
        unsure = record.unclosed and len(text) - at < _LONGEST_QUOTED
        if not last and (unsure or record.end == len(text)):
            break
        record = _or_one_line(record, text, at, shape)
        raw = text[at : record.end]
        skipped = (not raw.strip("\r\n") and shape.width > 1) or bool(shape.comment and raw.startswith(shape.comment))
        if not skipped:
            rows.append(_Row(line, record.fields, raw, record.unclosed))
        line += raw.count("\n")
        at = record.end
    return rows, at


def _or_one_line(record: Record, text: str, start: int, shape: Shape) -> Record:
    """The first line alone, where a quote that runs on into the next lines makes no clean record and the line does."""
    line = text.find("\n", start)
    clean = len(record.fields) == shape.width and not record.stray
    if clean or line < 0 or record.end == line + 1:
        return record
    alone = text[start:line].removesuffix("\r").split(shape.separator)
    return Record(alone, line + 1, unclosed=True) if len(alone) == shape.width else record


def _fitted(rows: list[_Row], shape: Shape) -> Part:
    """Rows of any width brought to that of the table, or set aside."""
    odd = [Odd(row.line, _UNCLOSED, row.raw, kept=True) for row in rows if row.unclosed]
    fits: list[list[str]] = []
    kept: list[int] = []
    for row in rows:
        fitted, why = _fit(row.fields, shape.width)
        if why:
            odd.append(Odd(row.line, why, row.raw, kept=fitted is not None))
        if fitted is not None:
            fits.append(fitted)
            kept.append(row.line)
    columns = {
        str(place): pl.Series([fields[place] for fields in fits], dtype=pl.String) for place in range(shape.width)
    }
    return Part(pl.DataFrame(columns), np.array(kept, np.int64), odd)


def _fit(fields: list[str], width: int) -> tuple[list[str] | None, str]:
    """Fields filled up or cut where nothing is lost by it; None if the line is set aside."""
    if len(fields) == width:
        return fields, ""
    if len(fields) > width:
        lost = any(field.strip() for field in fields[width:])
        return (None if lost else fields[:width]), f"more fields than the {width} of the table"
    few = len(fields) == 1 and width > 2
    filled = None if few else fields + [""] * (width - len(fields))
    return filled, f"fewer fields than the {width} of the table"


def _merged(frame: pl.DataFrame, lines: NDArray[np.int64], records: list[tuple[int, str]], shape: Shape) -> Part:
    """Regular and odd records in the order of their lines."""
    rest = _fitted([row for line, text in records for row in _rows(text, shape, line, last=True)[0]], shape)
    together = np.concatenate([lines, rest.lines])
    order = np.argsort(together, kind="stable")
    return Part(pl.concat([frame, rest.cells])[order.tolist()], together[order], rest.odd)
