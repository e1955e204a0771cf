"""Tables from text files: separator, quotes, encoding and header are told by the text where nothing is declared."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

import polars as pl
from msgspec import Struct

from roadworthy.data.bounded import UNREADABLE, BombError, Limits, kind_of
from roadworthy.data.delimited.dialects import Dialect, Said, dialect_of, squeezed
from roadworthy.data.delimited.encodings import Encoding, encoding_of
from roadworthy.data.delimited.records import Part, parts, record_at
from roadworthy.data.delimited.told import Telling, column_names
from roadworthy.data.delimited.transcoding import Notes, NotOfEncodingError, Readable, utf8_pieces
from roadworthy.data.source import Given, RawTable, SourceContext
from roadworthy.data.streams import Stream, checked_options, passed_over, set_aside, streams
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import DataError, SourceError
from roadworthy.kernel.finding import Finding

_OPTIONS = ("separator", "header", "names", "encoding", "missing", "quote", "comment")
_MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")
_HEAD = 1 << 18
_ENDINGS = frozenset((".csv", ".tsv", ".txt", ".data", ".tab", ".test", ".dat", ".psv", ".asc"))
_BESIDE = frozenset(("readme", "license", "licence", "citation", "copying", "notice"))
_BINARY = {"zip": "a zip archive", "tar": "a tar archive", "7z": "a 7z archive", "rar": "a rar archive"}


def csv(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Every file that the declared path, folder, glob or archive holds, all columns as text, in parts.

    Options, each told by the text where it is not declared: `separator` (a space stands for any run of spaces),
    `quote`, `header`, `encoding`. And `names` (columns, where there is no header or to rename it), `missing`
    (spellings of a missing value), `comment` (a line that begins with it is left out).

    Raises:
        SourceError: if no file can be read as such a table, or an option is not known.
        DataError: if a file has other columns than the names declared.
    """
    options = checked_options(declared, _OPTIONS)
    found = 0
    first: Finding | None = None
    context.progress.begin(f"read {declared.path}")
    for stream in streams(declared, context.root, endings=_ENDINGS, limits=Limits(member=1 << 40, total=1 << 42)):
        if isinstance(stream, Finding):
            first = first or stream
            yield stream
            continue
        if stream.archive != stream.name and PurePosixPath(stream.member).stem.lower() in _BESIDE:
            yield passed_over(stream.archive, {stream.member: 1})
            continue
        for given in _table(stream, options):
            found += isinstance(given, RawTable)
            first = first or (given if isinstance(given, Finding) else None)
            yield given
        context.progress.advance(note=stream.name)
    context.progress.end()
    if not found:
        raise SourceError(
            "no table was found" + (f"; first: {first.summary}" if first else ""),
            where=f"{declared.path} in {context.root}",
            fix="correct the path; it must name text files",
        )


def _table(stream: Stream, options: dict[str, Any]) -> Iterator[RawTable | Finding]:
    try:
        with closing(stream.open()) as opened:
            yield from _opened(opened, stream, options)
    except BombError as err:
        raise SourceError(
            f"the file is hostile: {err}", where=stream.name, fix="give a file of an honest size"
        ) from err
    except UNREADABLE as err:
        raise SourceError(f"the file cannot be unpacked: {err}", where=stream.name, fix="give a whole file") from err
    except NotOfEncodingError as err:
        said = options.get("encoding", "what its beginning is")
        raise SourceError(
            f"the file is not {said}: {err}",
            where=f"{stream.name}:{err.line}",
            fix='declare its encoding, such as encoding = "latin-1"',
        ) from err


def _opened(opened: Readable, stream: Stream, options: dict[str, Any]) -> Iterator[RawTable | Finding]:
    head = _head(opened)
    if not head.strip():
        yield set_aside(stream, "it is empty")
        return
    refused = _refused(head)
    if refused:
        yield set_aside(stream, refused, remedy="say what it is by its own kind of source")
        return
    encoding = _encoding(head, options, stream)
    notes, strict = Notes(), "encoding" in options
    whole = _Joined(head, opened)
    pieces = utf8_pieces(whole, encoding, notes, strict=strict)
    first = next(pieces, b"")
    dialect = _dialect(first, options)
    telling = Telling(stream.name, dialect, encoding)
    yield from telling.choices(options)
    yield from _parts(chain([first], pieces), dialect, options, telling=telling)
    yield from telling.findings(notes)


def _parts(pieces: Iterator[bytes], dialect: Dialect, options: dict[str, Any], *, telling: Telling) -> Iterator[Any]:
    """The records below the header, with names."""
    started = _start(pieces, dialect)
    names = _named(started.names, dialect, options, telling)
    missing = [str(word) for word in options.get("missing", _MISSING)]
    empty = True
    for part in parts(started.rest, dialect.shape, line=started.line):
        telling.odd(part.odd)
        if part.cells.height or empty:
            yield _given(part, names, missing, telling.name)
            empty = False
    if empty:
        frame = pl.DataFrame(schema=dict.fromkeys(names, pl.String()))
        yield RawTable(frame=frame, archive=telling.name, first_line=started.line)


def _given(part: Part, names: Sequence[str], missing: Sequence[str], name: str) -> RawTable:
    trimmed = pl.all().str.strip_chars()
    frame = part.cells.with_columns(pl.when(~trimmed.is_in(missing)).then(pl.all()).name.keep())
    frame.columns = list(names)
    lines = pl.Series("row_key", part.lines)
    first = int(part.lines[0]) if len(part.lines) else 1
    return RawTable(frame=frame, archive=name, first_line=first, names=f"{name}:" + lines.cast(pl.String))


class _Started(Struct, frozen=True):
    """The names in the header, what comes below it, and the line that begins there."""

    names: list[str]
    rest: Iterator[bytes]
    line: int


def _start(pieces: Iterator[bytes], dialect: Dialect) -> _Started:
    first = next(pieces, b"")
    if dialect.spaces:
        first = squeezed(first.decode()).encode()
        pieces = (squeezed(piece.decode()).encode() for piece in pieces)
    at, line = 0, 1
    for _ in range(dialect.skip):
        end = first.find(b"\n", at)
        at, line = (len(first) if end < 0 else end + 1), line + 1
    if not dialect.header:
        return _Started([], chain([first[at:]], pieces), line)
    text = first[at:].decode()
    start = 0
    while text[start : start + 1] in ("\n", "\r") or (
        dialect.shape.comment and text.startswith(dialect.shape.comment, start)
    ):
        start = text.find("\n", start) + 1 or len(text)
    record = record_at(text, start, dialect.shape)
    line += text.count("\n", 0, record.end)
    return _Started([name.strip() for name in record.fields], chain([text[record.end :].encode()], pieces), line)


def _named(found: list[str], dialect: Dialect, options: dict[str, Any], telling: Telling) -> list[str]:
    width = dialect.shape.width
    declared = [str(name) for name in options.get("names", ())]
    if declared:
        if len(declared) != width:
            raise DataError(
                f"{len(declared)} names are declared, the file has {width} columns",
                where=telling.name,
                fix="declare one name for each column, and the right separator",
            )
        return declared
    names, changed = column_names(found, width)
    telling.renamed = changed if dialect.header else []
    return names


def _dialect(first: bytes, options: dict[str, Any]) -> Dialect:
    text = first[:_HEAD].decode("utf-8", "ignore")
    if len(first) > _HEAD:
        text = text[: text.rfind("\n") + 1] or text
    said = Said(
        separator=str(options["separator"]) if "separator" in options else None,
        quote=str(options["quote"]) if "quote" in options else None,
        header=bool(options["header"]) if "header" in options else None,
        comment=str(options.get("comment", "")),
    )
    for name, value in (("separator", said.separator), ("quote", said.quote or " ")):
        if value is not None and (len(value) != 1 or not value.isascii()):
            raise SourceError(
                f"{name} cannot be {value!r}", where="[[data.source]]", fix="write one ASCII character, such as ';'"
            )
    return dialect_of(text, said)


def _encoding(head: bytes, options: dict[str, Any], stream: Stream) -> Encoding:
    if "encoding" not in options:
        return encoding_of(head)
    name = str(options["encoding"])
    try:
        "".encode(name)
    except LookupError as err:
        raise SourceError(
            f"there is no encoding {name!r}", where=stream.name, fix='such as encoding = "latin-1"'
        ) from err
    if name.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
        return Encoding(name="utf-8", mark=3 if head.startswith(b"\xef\xbb\xbf") else 0)
    return Encoding(name=name)


def _refused(head: bytes) -> str:
    kind = kind_of(head)
    return f"it is {_BINARY[kind]}, not a table" if kind in _BINARY else ""


class _Joined:
    """The bytes that were read already, and those that come."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head, self._rest = head, rest

    def read(self, size: int = -1, /) -> bytes:
        given, self._head = self._head[:size], self._head[size:]
        return given + self._rest.read(size - len(given)) if len(given) < size else given


def _head(opened: Readable) -> bytes:
    pieces: list[bytes] = []
    held = 0
    while held < _HEAD and (piece := opened.read(_HEAD - held)):
        pieces.append(piece)
        held += len(piece)
    return b"".join(pieces)
