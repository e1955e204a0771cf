"""The encoding of a text, told by its bytes; what is no UTF-8 is named, never guessed in silence."""

import codecs
import unicodedata

from msgspec import Struct

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COMMON = {"CYRILLIC": "оеаинтсрвлкмд", "GREEK": "αοιετσνηυρςάόίέήλ"}
_MULTIBYTE = (("shift_jis", "CJK HIRAGANA KATAKANA"), ("gb18030", "CJK"), ("euc_kr", "HANGUL"))
_SINGLE = (
    ("cp1252", "LATIN"),
    ("cp1251", "CYRILLIC"),
    ("koi8-r", "CYRILLIC"),
    ("cp1253", "GREEK"),
    ("cp1250", "LATIN"),
    ("cp437", "LATIN"),
)
_USUAL_SIGNS = frozenset("€£¥§©®°±²³µ·¼½¾–—‘’“”„…•«»¿¡×÷™‰¢ºª\xa0")
_MORE = 0.1


class Encoding(Struct, frozen=True, kw_only=True):
    """How bytes are read as text.

    Attributes:
        name: of a Python codec.
        mark: bytes of a byte order mark before the text.
        guessed: whether nothing but likeness told it.
    """

    name: str
    mark: int = 0
    guessed: bool = False


def encoding_of(head: bytes) -> Encoding:
    r"""The encoding of a text that begins with these bytes.

    A byte order mark decides, then zero bytes at every other place (UTF-16), then whether it is UTF-8. Else the one of
    a few old encodings in which the letters are letters of one script; Windows-1252 if none stands out.

    >>> encoding_of("größe;3".encode("cp1252")).name, encoding_of("größe".encode()).name
    ('cp1252', 'utf-8')
    >>> encoding_of("a;b\n".encode("utf-16-le")).name
    'utf-16-le'
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name=name, mark=len(mark))
    wide = _utf16(head)
    if wide:
        return Encoding(name=wide, guessed=True)
    return Encoding(name="utf-8") if _mostly_utf8(head) else Encoding(name=_likely(head), guessed=True)


def _mostly_utf8(head: bytes) -> bool:
    """Whether it is UTF-8, but for a few lines."""
    if _decodes(head, "utf-8"):
        return True
    lines = [line for line in head.splitlines()[:-1] if not line.isascii()]
    return sum(bool(_decodes(line + b"\n", "utf-8")) for line in lines) > 0.9 * len(lines)


def _utf16(head: bytes) -> str:
    pairs = len(head) // 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if not pairs or max(even, odd) < 0.4 * pairs or min(even, odd) > 0.05 * pairs:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _decodes(head: bytes, name: str) -> str:
    """The text; empty if these bytes are none of that encoding. A character that the head cuts is no fault."""
    try:
        return codecs.getincrementaldecoder(name)().decode(head)
    except UnicodeDecodeError:
        return ""


def _likely(head: bytes) -> str:
    scores = {name: _score(_decodes(head, name), scripts.split()) for name, scripts in (*_SINGLE, *_MULTIBYTE)}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > scores["cp1252"] + _MORE or not _decodes(head, "cp1252") else "cp1252"


def _score(text: str, scripts: list[str]) -> float:
    """How much of what is not ASCII are small letters of the script, or signs that people use."""
    odd = [char for char in text[:200_000] if ord(char) > 127]
    if not odd:
        return 0.0
    fits = sum(_fits(char, scripts) for char in odd) / len(odd)
    # in Latin writing most letters are ASCII ones
    plain = sum(char.isalpha() for char in text[:200_000]) - sum(char.isalpha() for char in odd)
    return fits * 0.3 if "LATIN" in scripts and plain < len(odd) else fits


def _fits(char: str, scripts: list[str]) -> float:
    if char in _USUAL_SIGNS:
        return 0.7
    if not unicodedata.name(char, "").startswith(tuple(scripts)):
        return 0.0
    common = _COMMON.get(scripts[0])
    if common:
        return 1.0 if char in common else 0.4
    if "LATIN" not in scripts:
        return 0.7
    return 0.5 if char.isupper() else 1.0
