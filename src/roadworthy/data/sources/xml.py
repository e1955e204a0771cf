"""Records out of XML documents, flattened into rows; documents with a DTD are refused."""

from collections.abc import Iterator

from roadworthy.data.records.rows import read_files
from roadworthy.data.records.xml_rows import xml_rows
from roadworthy.data.source import Given, SourceContext
from roadworthy.data.streams import checked_options, size_option
from roadworthy.declare.data import Source

_OPTIONS = ("records", "encoding", "max_record")
_ENDINGS = (".xml", ".rss", ".atom", ".gpx", ".kml")


def xml(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Every record of the XML documents that the declared path, folder, archive or glob holds.

    Options: `records` (path from the root, such as `"catalog/book"`, or `"//book"` for any place; undeclared, the
    shallowest path at which elements repeat, else the root itself is one record), `encoding` (goes before the declared
    one), `max_record` (`"16MB"`).

    Raises:
        SourceError: if no record can be read, or an option is not known.
    """
    options = checked_options(declared, _OPTIONS)
    records = str(options.get("records", ""))
    encoding = str(options["encoding"]) if "encoding" in options else None
    most = size_option(options, "max_record", 16 << 20)
    yield from read_files(
        declared, context, _ENDINGS, lambda stream: xml_rows(stream, records=records, encoding=encoding, most=most)
    )
