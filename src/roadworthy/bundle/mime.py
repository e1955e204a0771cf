"""The parts of a message: what the standard parser makes of it, and a plainer reading for what it chokes on."""

import email
import email.errors
import email.policy
import re
from collections.abc import Iterator
from email.message import Message

from msgspec import Struct

# What the standard package is known to raise on broken messages, besides its own errors.
BREAKS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    NameError,
    OverflowError,
    email.errors.MessageError,
)
_MOST_READ = 8 << 20
_MOST_PARTS = 1_000
_CHARSET = re.compile(r"""(?i)charset\s*=\s*["']?\s*([^\s"';]{1,60})""")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_FILENAME = re.compile(r"""(?i)(?:file)?name\*?(?:\d+\*?)?\s*=\s*"?([^";\r\n]{1,300})""")
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})\s*\??=?\s*$")


class Part(Struct, frozen=True):
    """One leaf of a message: its content type, declared charset, file name as written, and bytes (None: not text)."""

    content_type: str
    charset: str
    filename: str
    data: bytes | None


class Opened(Struct, frozen=True):
    """A message taken apart: raw headers in order, the leaves, the number of all parts and of defects."""

    headers: list[tuple[str, str]]
    leaves: list[Part]
    parts: int
    defects: int


def open_message(raw: bytes) -> Opened:
    """Take any bytes apart; of a message above 8 MiB the first 8 MiB are read, which counts as a defect."""
    cut = raw[:_MOST_READ]
    extra = int(len(raw) > _MOST_READ)
    try:
        message = email.message_from_bytes(cut, policy=email.policy.compat32)
        headers = [(name, str(value)) for name, value in message.raw_items()]
        found = list(_walk(message))
        defects = sum(_defects(part) for part in found)
    except BREAKS:
        return _plain_reading(cut, extra + 1)
    if len(found) > _MOST_PARTS:
        found, extra = found[:_MOST_PARTS], extra + 1
    leaves: list[Part] = []
    for part in found:
        if not part.is_multipart():
            leaf, broken = _leaf(part)
            leaves.append(leaf)
            extra += broken
    return Opened(headers, leaves, len(found), defects + extra)


def extension(filename: str) -> str:
    """The lower-case extension of a file name, without the dot; empty if there is none.

    >>> extension("invoice.pdf.EXE"), extension("readme")
    ('exe', '')
    """
    found = _EXTENSION.search(filename)
    return found[1].lower() if found else ""


def _walk(message: Message) -> Iterator[Message]:
    """Parts in order, without recursion: hostile nesting is deeper than the interpreter's stack."""
    waiting: list[Message] = [message]
    while waiting:
        part = waiting.pop()
        yield part
        inside = part.get_payload()
        if isinstance(inside, list):
            waiting.extend(reversed([child for child in inside if isinstance(child, Message)]))


def _defects(part: Message) -> int:
    return len(part.defects)


def _leaf(part: Message) -> tuple[Part, int]:
    fields = {name.lower(): str(value) for name, value in reversed(list(part.raw_items())) if name[:1] in "Cc"}
    stated, disposition = fields.get("content-type", ""), fields.get("content-disposition", "")
    broken = 0
    content_type = part.get_content_type()
    named = _FILENAME.search(disposition) or _FILENAME.search(stated)
    filename = named[1].strip() if named else ""
    charset = _CHARSET.search(stated)
    attached = bool(filename) and disposition.lstrip()[:10].lower() == "attachment"
    data: bytes | None = None
    if content_type in ("text/plain", "text/html") and not attached:
        data, broken = _bytes_of(part)
    return Part(content_type, charset[1] if charset else "", filename, data), broken


def _bytes_of(part: Message) -> tuple[bytes, int]:
    try:
        data = part.get_payload(decode=True)
        return (data, 0) if isinstance(data, bytes) else (b"", 0)
    except BREAKS:
        return str(part.get_payload()).encode("utf-8", "replace"), 1


def _plain_reading(raw: bytes, defects: int) -> Opened:
    """Headers up to the first empty line, one part of text after it."""
    head, _, body = _split_head(raw)
    headers: list[tuple[str, str]] = []
    for line in head.decode("ascii", "surrogateescape").splitlines():
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and headers:
            headers[-1] = (headers[-1][0], headers[-1][1] + "\n" + line)
        elif colon and name and not name.startswith("From "):
            headers.append((name, value.lstrip()))
    stated = next((value for name, value in headers if name.lower() == "content-type"), "")
    found = _TYPE.match(stated.strip())
    kind = "text/html" if found and found[0].lower() == "text/html" else "text/plain"
    charset = _CHARSET.search(stated)
    return Opened(headers, [Part(kind, charset[1] if charset else "", "", body)], 1, defects)


def _split_head(raw: bytes) -> tuple[bytes, bytes, bytes]:
    found = _HEADER_END.search(raw)
    return (raw[: found.start()], b"", raw[found.end() :]) if found else (raw, b"", b"")
