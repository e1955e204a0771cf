"""A Delta Lake table of the user's: the newest version, a numbered one, or that of a time; typed, in parts."""

from collections.abc import Iterator

from roadworthy.data.files import BrokenOffError, demand_options, read_parts
from roadworthy.data.history.foreign import open_delta
from roadworthy.data.places import places
from roadworthy.data.source import Given, RawTable, SourceContext
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.nearest import did_you_mean

_OPTIONS = ("version", "at", "columns")
_PART = 262_144


def delta(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """The rows of one version. Options: `version` (a number), `at` (an ISO time), `columns` (only these).

    Raises:
        SourceError: if there is no such table, version or column, or a file of it is damaged.
    """
    demand_options(declared, _OPTIONS)
    version, at = declared.options.get("version"), str(declared.options.get("at", ""))
    if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
        raise SourceError(f"version cannot be {version!r}", where="[[data.source]]", fix="write a whole number")
    context.progress.begin(f"read {declared.path}")
    for place in places(declared, context.root):
        opened = open_delta(place.path, version=version, at=at)
        names = opened.rows.collect_schema().names()
        wanted = declared.options.get("columns", names)
        for name in wanted:
            if name not in names:
                raise SourceError(f"there is no column {name!r}", where=place.name, fix=did_you_mean(name, names))
        archive, line = f"{place.name}@{opened.version}", 1
        try:
            for part in read_parts(opened.rows.select(wanted), size=_PART):
                yield RawTable(frame=part, archive=archive, first_line=line)
                line += part.height
                context.progress.advance(note=archive)
        except BrokenOffError as err:
            raise SourceError(
                f"a file of the table is damaged: {err}",
                where=f"{archive}, after row {err.rows:,}",
                fix="give a whole table; nothing of this one was kept",
            ) from err
    context.progress.end()
