"""Text out of files of text, Markdown and HTML, and what is counted in any text."""

import re
from typing import Any

from msgspec import Struct

from roadworthy.bundle.charset import codec_of, decode
from roadworthy.bundle.html import read_page
from roadworthy.data.media.trouble import TroubleError
from roadworthy.data.records.lines import marked_encoding
from roadworthy.data.records.parts import encodable

_LONGEST_PAGE = 1_000_000
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:\-]{1,40})", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_HEADING = re.compile(r"^(?:#{1,6}[ \t]+(.{1,500}?)[ \t#]*$|(\S.{0,499})\n(?:=+|-+)[ \t]*$)", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n.*?^---[ \t]*$", re.MULTILINE | re.DOTALL)
_HEAD = 10_000
_PDF_DATE = re.compile(r"^(?:D:)?(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:(Z)|([+-])(\d{2})'?(\d{2})?'?)?")


class Reading(Struct, frozen=True, kw_only=True):
    """The text of one document.

    Attributes:
        pages, empty_pages: all, and those without text; None where the format has no pages.
        created: ISO 8601, with the zone that is said, if one is.
        encoding: how bytes became text; guessed says that nobody declared it and UTF-8 was wrong.
    """

    format: str
    text: str
    title: str = ""
    author: str = ""
    created: str | None = None
    pages: int | None = None
    empty_pages: int | None = None
    encoding: str | None = None
    guessed: bool = False

    def facts(self) -> dict[str, Any]:
        """The reading as columns, and counts of its text."""
        said = {name: getattr(self, name) for name in self.__struct_fields__ if name != "text"}
        said |= {name: encodable(said[name]).strip() or None for name in ("title", "author")}
        text = encodable(self.text)
        return said | {
            "characters": len(text),
            "words": len(text.split()),
            "lines": text.count("\n") + bool(text and not text.endswith("\n")),
            "text": text,
        }


def read_words(data: bytes, ending: str, *, encoding: str) -> Reading:
    r"""The text of one file; HTML as a reader sees it.

    Args:
        data: the whole file.
        ending: of its name, with the dot.
        encoding: as declared; empty lets a byte order mark, a `<meta>`, UTF-8 and Windows-1252 say it, in this order.

    Raises:
        TroubleError: if it holds zero bytes, is not in its declared encoding, or is HTML of over 1,000,000 characters.

    >>> read_words(b"# Caf\xe9\n\nopen", ".md", encoding="").title
    'Café'
    >>> read_words(b"<title>T</title><p>Hi <b>you</b>", ".html", encoding="").facts()["text"]
    'Hi you'
    """
    html = ending in (".html", ".htm", ".xhtml")
    text, codec, guessed = _text(data, encoding, html=html)
    if html:
        if len(text) > _LONGEST_PAGE:
            raise TroubleError(f"its HTML is longer than {_LONGEST_PAGE:,} characters", check="data.hostile")
        title = _TITLE.search(text)
        form, shown, said = "html", read_page(text).text, read_page(title[1]).text if title else ""
    else:
        heading = (
            _HEADING.search(_FRONT_MATTER.sub("", text[:_HEAD], count=1))
            if ending in (".md", ".markdown", ".rst")
            else None
        )
        form, shown = {".md": "markdown", ".markdown": "markdown", ".rst": "rst"}.get(ending, "text"), text
        said = (heading[1] or heading[2]) if heading else ""
    return Reading(format=form, text=shown, title=said, encoding=codec, guessed=guessed)


def dated(written: str) -> str | None:
    """A date as PDF writes it (ISO 32000-1, 7.9.4) in ISO 8601; None where it is none.

    >>> dated("D:20240131120000+01'00'"), dated("D:2024"), dated("soon")
    ('2024-01-31T12:00:00+01:00', '2024', None)
    """
    found = _PDF_DATE.match(written)
    if not found:
        return None
    year, month, day, hour, minute, second, utc, sign, hours, minutes = found.groups()
    day_said = "-".join(part for part in (year, month, day) if part)
    if not second:
        return day_said
    zone = "Z" if utc else f"{sign}{hours}:{minutes or '00'}" if sign else ""
    return f"{day_said}T{hour}:{minute}:{second}{zone}"


def _text(data: bytes, encoding: str, *, html: bool) -> tuple[str, str, bool]:
    """Text, the codec, and whether that was a guess."""
    marked = marked_encoding(data)
    if b"\x00" in data and not marked and not encoding.lower().startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        raise TroubleError("it holds zero bytes; it is no text")
    meta = _META.search(data[:4_096]) if html else None
    stated = marked or encoding or (codec_of(meta[1].decode()) if meta else "") or ""
    if stated:
        try:
            return data.decode(stated), stated, False
        except (UnicodeDecodeError, LookupError) as err:
            raise TroubleError(f"it is not {stated}: {err}") from err
    notes: list[str] = []
    text = decode(data, "", notes)
    if not notes:
        return text, "utf-8", False
    try:
        return data.decode("utf-8"), "utf-8", False  # beyond ASCII without saying so, and right
    except UnicodeDecodeError:
        return text, "cp1252", True
