"""Lines of text of any length and encoding, as they stream by."""

import codecs
from collections.abc import Callable, Iterator

from msgspec import Struct

from roadworthy.bundle.charset import decode
from roadworthy.kernel.errors import SourceError

_CHUNK = 1 << 20
_SHOWN = 200
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-16", "utf-32")


class BrokenError(Exception):
    """A text is not what it should be from some place on.

    Attributes:
        why: what is wrong. place: `line 3, column 14`.
    """

    def __init__(self, why: str, place: str) -> None:
        super().__init__(f"{why} at {place}")
        self.why, self.place = why, place


class HostileError(BrokenError):
    """A text asks for more than any record needs: too deep, too long, or made to do harm."""


class Line(Struct, frozen=True):
    """One line without its end; `why` says what keeps it from being read, and `text` is then its beginning."""

    number: int
    text: str
    why: str = ""


def marked_encoding(head: bytes) -> str:
    r"""The encoding that a byte order mark at the beginning tells; empty where there is none.

    >>> marked_encoding(b"\xff\xfe{\x00"), marked_encoding(b"{}")
    ('utf-16', '')
    """
    return next((name for mark, name in _MARKS if head.startswith(mark)), "")


def decoder_of(encoding: str) -> codecs.IncrementalDecoder:
    """A strict decoder.

    Raises:
        SourceError: if there is no such encoding.
    """
    try:
        return codecs.getincrementaldecoder(encoding)("strict")
    except LookupError as err:
        raise SourceError(
            f"there is no encoding {encoding!r}", where="[[data.source]] encoding", fix='such as encoding = "latin-1"'
        ) from err


def lines(
    read: Callable[[int], bytes], *, encoding: str = "utf-8", most: int = 16 << 20, notes: "list[str] | None" = None
) -> Iterator[Line]:
    r"""Every line, ended by LF or CR LF. A line that cannot be decoded, or is longer than `most` bytes, says so.

    Args:
        read: gives up to so many bytes, none at the end.
        encoding: of the text; a byte order mark goes before it.
        most: bytes of one line.
        notes: where given, a line that is not in the encoding is guessed at, and the guess is noted there.

    >>> import io
    >>> [line.text for line in lines(io.BytesIO(b"\xef\xbb\xbfa\r\n\nb").read)]
    ['a', '', 'b']
    """
    head = read(_CHUNK)
    encoding = marked_encoding(head) or encoding
    decoder_of(encoding)
    chunks = _chunks(head, read)
    if encoding.lower().replace("_", "-").startswith(_WIDE):
        chunks, encoding = _narrowed(chunks, decoder_of(encoding)), "utf-8"
    for number, raw in enumerate(_split(chunks, most), 1):
        if len(raw) > most:
            yield Line(number, raw[:_SHOWN].decode(encoding, "replace"), f"it is longer than {most:,} bytes")
            continue
        # only the first line can begin with a mark; elsewhere the same character is text
        codec = encoding if number == 1 else "utf-8" if encoding == "utf-8-sig" else encoding
        try:
            yield Line(number, raw.decode(codec))
        except UnicodeDecodeError as err:
            if notes is not None:
                yield Line(number, decode(raw, "", notes))
            else:
                yield Line(number, raw.decode(codec, "replace"), f"byte {err.start + 1:,} of it is not {err.encoding}")


def _chunks(head: bytes, read: Callable[[int], bytes]) -> Iterator[bytes]:
    while head:
        yield head
        head = read(_CHUNK)


def _narrowed(chunks: Iterator[bytes], decoder: codecs.IncrementalDecoder) -> Iterator[bytes]:
    """The same text in UTF-8, in which a line end is one byte."""
    done = 0
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
            done += len(chunk)
        yield decoder.decode(b"", True).encode("utf-8", "surrogatepass")  # noqa: FBT003  # final, by position only
    except UnicodeDecodeError as err:
        raise BrokenError(f"it is not {err.encoding}", f"byte {done + err.start:,}") from err


def _split(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Lines without their ends; of a line that is too long, a little more than `most` bytes."""
    held = b""
    for chunk in chunks:
        *whole, rest = (held + chunk).split(b"\n")
        yield from (line.removesuffix(b"\r") for line in whole)
        held = rest if len(rest) <= most else rest[: most + 1]
    if held:
        yield held.removesuffix(b"\r")
