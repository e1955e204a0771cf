"""Bytes in any encoding as pieces of UTF-8 that end with a line, in bounded memory."""

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Protocol

from msgspec import Struct, field

from roadworthy.data.delimited.encodings import Encoding

_PIECE = 8 << 20


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""


class Notes(Struct):
    """What was noticed on the way: lines with bytes of another encoding, lines with zero bytes."""

    foreign: list[int] = field(default_factory=list)
    zeros: list[int] = field(default_factory=list)
    line: int = 1


class NotOfEncodingError(Exception):
    """A byte that the declared encoding does not have, with its line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line:,}: {reason}")
        self.line = line


def utf8_pieces(stream: Readable, encoding: Encoding, notes: Notes, *, strict: bool) -> Iterator[bytes]:
    """The text as UTF-8, in pieces; a lone carriage return between all lines becomes a line feed.

    Args:
        strict: a foreign byte is an error; else it is read as Windows-1252 and noted with its line.

    Raises:
        NotOfEncodingError: if a byte is none of the encoding, and `strict`.
    """
    stream.read(encoding.mark)
    read = _utf8 if encoding.name == "utf-8" else _other
    old: bool | None = None
    for piece in read(stream, encoding.name, notes, strict=strict):
        if old is None:
            old = b"\r" in piece and b"\n" not in piece
        text = piece.replace(b"\r", b"\n") if old else piece
        if b"\x00" in text:
            notes.zeros.extend(_lines_with(b"\x00", text, notes.line))
        notes.line += text.count(b"\n")
        yield text


def _utf8(stream: Readable, _name: str, notes: Notes, *, strict: bool) -> Iterator[bytes]:
    rest = b""
    while piece := stream.read(_PIECE):
        piece = rest + piece
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1
        whole, rest = (piece[:end], piece[end:]) if end else (b"", piece)
        if whole:
            yield _checked(whole, notes, strict=strict)
    if rest:
        yield _checked(rest, notes, strict=strict)


def _checked(piece: bytes, notes: Notes, *, strict: bool) -> bytes:
    try:
        piece.decode()
    except UnicodeDecodeError as err:
        if strict:
            line = notes.line + piece.count(b"\n", 0, err.start)
            raise NotOfEncodingError(line, f"{err.reason} (byte 0x{piece[err.start]:02x})") from err
        return b"".join(_mended(piece, notes))
    return piece


def _mended(piece: bytes, notes: Notes) -> Iterator[bytes]:
    """Lines that are no UTF-8 read as Windows-1252, or as Latin-1 where even that has no such byte."""
    for number, line in enumerate(piece.splitlines(keepends=True) if b"\n" not in piece else _split(piece)):
        try:
            line.decode()
            yield line
        except UnicodeDecodeError:
            notes.foreign.append(notes.line + number)
            yield _old(line).encode()


def _split(piece: bytes) -> list[bytes]:
    return re.findall(rb"[^\n]*\n|[^\n]+", piece)


def _old(line: bytes) -> str:
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _other(stream: Readable, name: str, notes: Notes, *, strict: bool) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)(errors="strict")
    line = 1
    more: Callable[[], bytes] = lambda: stream.read(_PIECE)  # noqa: E731  # the last, empty piece ends the decoder
    for piece in iter(more, None):
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as err:
            raise NotOfEncodingError(line, f"{err.reason} (in {name})") from err
        line += text.count("\n")
        if text:
            yield text.encode("utf-8", "surrogatepass")
        if not piece:
            return


def _lines_with(what: bytes, text: bytes, first: int) -> list[int]:
    found = [hit.start() for hit in re.finditer(re.escape(what), text)][:1000]
    return sorted({first + text.count(b"\n", 0, at) for at in found})
