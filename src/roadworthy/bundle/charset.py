"""Bytes of unknown good will turned into text: wrong charset names, bad bytes and encoded words never raise."""

import binascii
import codecs
import re
from functools import lru_cache

_WORD = re.compile(r"=\?([^?\s]{0,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"\?=\s+=\?")
_QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_LONGEST_NAME = 40
# Codecs that are no charset of any mail, and of which some take quadratic time on hostile input.
_REFUSED = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
# Text in these was written on a Windows machine more often than not; the wider set reads both.
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "cp950",
    "euc_kr": "cp949",
}


@lru_cache(maxsize=512)
def codec_of(name: str) -> str | None:
    """The codec that reads a declared charset; None if there is none that we trust.

    >>> codec_of('"ISO-8859-1"'), codec_of("no-such-thing"), codec_of("punycode")
    ('cp1252', None, None)
    """
    plain = name.strip("\"' \t\r\n").lower()
    if not plain or len(plain) > _LONGEST_NAME or not plain.isascii():
        return None
    try:
        found = codecs.lookup(plain)
        b"".decode(found.name)
    except (LookupError, ValueError):
        return None
    return None if found.name in _REFUSED else _WIDER.get(found.name, found.name)


def decode(data: bytes, declared: str, notes: list[str]) -> str:
    r"""Text of some bytes; whatever had to be guessed is noted.

    Args:
        data: any bytes.
        declared: the charset's name as the sender wrote it; empty if none was.
        notes: gets one entry for each guess; the same note is kept once.

    >>> notes = []
    >>> decode(b"caf\xe9", "no-such-charset", notes), notes
    ('café', ['unknown charset no-such-charset'])
    """
    codec = codec_of(declared) if declared else "utf-8"
    if codec is None:
        _note(notes, f"unknown charset {_printable(declared)}")
        return _guess(data)
    if not declared and data.isascii():
        return data.decode("ascii")
    try:
        return _encodable(data.decode(codec))
    except (UnicodeError, ValueError):
        _note(notes, f"bad bytes in {_printable(declared)}" if declared else "8-bit text without a charset")
        return _guess(data)


def header_text(value: str, notes: list[str]) -> str:
    """A raw header value as text: unfolded, encoded words decoded, stray 8-bit bytes guessed.

    Args:
        value: the value as the standard parser keeps it; bytes beyond ASCII are surrogates.
        notes: gets one entry for each guess.

    >>> header_text("=?utf-8?Q?caf=C3=A9?= =?utf-8?B?IG5vaXI=?=", [])
    'café noir'
    """
    if not value.isascii():
        value = decode(
            value.encode("ascii", "surrogateescape") if _only_escapes(value) else value.encode("utf-8", "replace"),
            "",
            notes,
        )
    if "\n" in value or "\r" in value:
        value = " ".join(value.split())
    if "=?" not in value:
        return value
    return _WORD.sub(lambda word: _decode_word(word, notes), _BETWEEN_WORDS.sub("?==?", value))


def _decode_word(word: re.Match[str], notes: list[str]) -> str:
    charset, how, coded = word.groups()
    data = coded.encode("utf-8", "replace")
    if how in "qQ":
        data = _QUOTED.sub(lambda hit: bytes([int(hit[1], 16)]), data.replace(b"_", b" "))
    else:
        data = loose_base64(data)
    return decode(data, charset.partition("*")[0] or "unknown", notes)


def loose_base64(data: bytes) -> bytes:
    """Base64 that lacks padding or holds foreign characters; what can be read is.

    >>> loose_base64(b"aGVsbG8")
    b'hello'
    """
    kept = _NOT_BASE64.sub(b"", data)
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    try:
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))
    except binascii.Error:
        return data


def _guess(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _only_escapes(value: str) -> bool:
    return all(ord(letter) < 128 or 0xDC80 <= ord(letter) <= 0xDCFF for letter in value)


def _encodable(text: str) -> str:
    """UTF-7 and UTF-16 can smuggle half characters in, which no table or JSON can hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def _printable(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in name[:_LONGEST_NAME])


def _note(notes: list[str], note: str) -> None:
    if note not in notes:
        notes.append(note)
