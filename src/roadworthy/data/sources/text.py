"""Text, Markdown and HTML: one row for each file, with its text, title and counts."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from roadworthy.data.media.gathering import Medium, gather
from roadworthy.data.media.reading import READING_COLUMNS, judge_readings
from roadworthy.data.media.words import read_words
from roadworthy.data.source import Given, SourceContext
from roadworthy.data.streams import Stream, checked_options, size_option
from roadworthy.declare.data import Source

_OPTIONS = ("encoding", "max_file")
_ENDINGS = (".txt", ".text", ".md", ".markdown", ".rst", ".html", ".htm", ".xhtml")
_LARGEST = 16 << 20


def text(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """One row for each file of text below a path, folder, archive or glob; HTML is given as a reader sees it.

    Options: `encoding` (undeclared: a byte order mark, the `<meta>` of HTML, UTF-8, Windows-1252, in this order),
    `max_file` (`"16MB"`).

    Raises:
        SourceError: if no text can be read, or an option is not known.
    """
    options = checked_options(declared, _OPTIONS)
    encoding = str(options.get("encoding", ""))

    def facts(stream: Stream, data: bytes) -> dict[str, Any]:
        ending = PurePosixPath(stream.member.removesuffix(".gz")).suffix.lower()
        return read_words(data, ending, encoding=encoding).facts()

    yield from gather(
        declared,
        context,
        Medium(
            noun="text",
            endings=_ENDINGS,
            columns=READING_COLUMNS,
            look=facts,
            judge=judge_readings,
            judged=("format", "characters", "pages", "empty_pages", "guessed"),
            largest=size_option(options, "max_file", _LARGEST),
        ),
    )
