"""What may be declared of a source of JSON."""

from collections.abc import Collection

from roadworthy.data.records.flatten import USUAL_DEPTH, Flattener
from roadworthy.data.records.json_rows import Wanted
from roadworthy.data.records.paths import steps_of
from roadworthy.data.streams import checked_options, count_option, size_option
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError

JSON_OPTIONS = ("records", "fields", "rest", "depth", "encoding", "max_record")
_LONGEST_RECORD = 16 << 20


def json_wanted(declared: Source, known: Collection[str]) -> Wanted:
    """The options of a source of JSON.

    Raises:
        SourceError: if one is not known or makes no sense.
    """
    options = checked_options(declared, known)
    fields = options.get("fields", {})
    if not isinstance(fields, dict) or not all(isinstance(path, str) for path in fields.values()):
        raise SourceError(
            "fields are no table of columns and paths",
            where="[[data.source]] fields",
            fix='write fields = { price = "offer.price" }',
        )
    records = options.get("records")
    for path in (*fields.values(), *([str(records)] if records is not None else [])):
        steps_of(path)
    depth, rest = count_option(options, "depth", USUAL_DEPTH), bool(options.get("rest", True))
    return Wanted(
        records=None if records is None else str(records),
        flattener=lambda: Flattener(depth=depth, fields=fields, keep_rest=rest),
        encoding=str(options.get("encoding", "utf-8")),
        most=size_option(options, "max_record", _LONGEST_RECORD),
    )
