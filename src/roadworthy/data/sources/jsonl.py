"""Records out of JSON lines (newline-delimited JSON), one a line."""

from collections.abc import Iterator

from roadworthy.data.records.json_rows import line_rows
from roadworthy.data.records.options import JSON_OPTIONS, json_wanted
from roadworthy.data.records.rows import read_files
from roadworthy.data.source import Given, SourceContext
from roadworthy.declare.data import Source

_ENDINGS = (".jsonl", ".ndjson", ".ldjson", ".jsonlines")


def jsonl(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Every line of the files that the declared path, folder, archive or glob holds, as a row.

    A line that is no JSON is set aside, with its number and the reason, and reading goes on; several values in one line
    are several rows; empty lines are nothing. Options are those of the `json` source; `records` is a path in each line.

    Raises:
        SourceError: if no record can be read, or an option is not known.
    """
    wanted = json_wanted(declared, JSON_OPTIONS)
    yield from read_files(declared, context, _ENDINGS, lambda stream: line_rows(stream, wanted))
