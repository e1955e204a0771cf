"""PDF and Word documents: one row for each file, with its text and what it says of itself."""

from collections.abc import Iterator
from typing import Any

from roadworthy.data.extras import from_extra
from roadworthy.data.media.docx import read_docx
from roadworthy.data.media.gathering import Medium, gather
from roadworthy.data.media.reading import READING_COLUMNS, judge_readings
from roadworthy.data.source import Given, SourceContext
from roadworthy.data.streams import Stream, checked_options, count_option, size_option
from roadworthy.declare.data import Source

_OPTIONS = ("max_pages", "max_characters", "max_file")
_ENDINGS = (".pdf", ".docx")
_LARGEST = 256 << 20
_MOST_PAGES, _MOST_CHARACTERS = 5_000, 20_000_000
_LARGEST_BODY = 256 << 20


def documents(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """One row for each PDF or DOCX below a path, folder, archive or glob.

    Options: `max_pages` (5,000), `max_characters` (20,000,000), `max_file` (`"256MB"`).

    Raises:
        SourceError: if no document can be read, an option is not known, or a PDF is met and pypdfium2 is not installed.
    """
    options = checked_options(declared, _OPTIONS)
    pages = count_option(options, "max_pages", _MOST_PAGES)
    characters = count_option(options, "max_characters", _MOST_CHARACTERS)

    def facts(stream: Stream, data: bytes) -> dict[str, Any]:
        if data.startswith(b"PK") or stream.member.lower().endswith(".docx"):
            return read_docx(data, most_bytes=_LARGEST_BODY, most_characters=characters).facts()
        read_pdf = from_extra("roadworthy.data.media.pages:read_pdf", extra="documents")
        found: dict[str, Any] = read_pdf(data, most_pages=pages, most_characters=characters).facts()
        return found

    yield from gather(
        declared,
        context,
        Medium(
            noun="document",
            endings=_ENDINGS,
            columns=READING_COLUMNS,
            look=facts,
            judge=judge_readings,
            judged=("format", "characters", "pages", "empty_pages", "guessed"),
            largest=size_option(options, "max_file", _LARGEST),
        ),
    )
