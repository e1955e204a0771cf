"""Records out of JSON documents, flattened into rows; no number is rounded, no key lost in silence."""

from collections.abc import Iterator

from roadworthy.data.records.json_rows import Wanted, json_rows
from roadworthy.data.records.options import JSON_OPTIONS, json_wanted
from roadworthy.data.records.rows import read_files
from roadworthy.data.source import Given, SourceContext
from roadworthy.declare.data import Source

_ENDINGS = (".json", ".geojson")


def json(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Every record of the JSON documents that the declared path, folder, archive or glob holds.

    Options: `records` (where they lie: a JSON Pointer `"/items"`, or a dotted path `"groups[].items[]"`; undeclared, a
    document that is an array gives its elements, else the longest array of objects in it is taken, else the document
    is one record), `fields` (column to path in the record; undeclared, objects are flattened by `Flattener`'s rule),
    `rest` (true: what the fields leave over is kept in the column `rest`), `depth` (5), `encoding` (`utf-8`; a byte
    order mark goes before it), `max_record` (`"16MB"`).

    Raises:
        SourceError: if no record can be read, or an option is not known.
    """
    wanted: Wanted = json_wanted(declared, JSON_OPTIONS)
    yield from read_files(declared, context, _ENDINGS, lambda stream: json_rows(stream, wanted))
