"""Records out of log files: web servers, syslog, key=value, JSON lines, applications, or a pattern of one's own."""

from collections.abc import Iterator
from typing import Any

from roadworthy.data.records.log_formats import FORMATS, NAMES, Format, pattern_format
from roadworthy.data.records.log_rows import LogWanted, log_rows
from roadworthy.data.records.log_times import zone_of
from roadworthy.data.records.rows import read_files
from roadworthy.data.source import Given, SourceContext
from roadworthy.data.streams import checked_options, count_option, size_option
from roadworthy.declare.data import Source
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.nearest import did_you_mean

_OPTIONS = ("format", "pattern", "timezone", "year", "encoding", "max_line")
_ENDINGS = (".log", ".txt", ".out", ".err", ".logfmt", ".syslog", "")


def log(declared: Source, *, context: SourceContext) -> Iterator[Given]:
    """Every record of the logs that the declared path, folder, archive or glob holds; rotated files count too.

    Options: `format` (a name or a list of them: `combined`, `common`, `rfc5424`, `rfc3164`, `json`, `logfmt`,
    `application`, `timed`; undeclared, those in which the first 1,000 lines are written), `pattern` (a regular
    expression with named groups, in linear time, instead of a format), `timezone` (`UTC`: of times that say none),
    `year` (of the first line, for RFC 3164), `encoding` (`utf-8`), `max_line` (`"1MB"`).

    Raises:
        SourceError: if no line can be read, an option is not known, or the pattern cannot be used.
    """
    options = checked_options(declared, _OPTIONS)
    wanted = LogWanted(
        formats=_formats(options),
        zone=zone_of(str(options.get("timezone", "UTC"))),
        year=count_option(options, "year", 1) if "year" in options else None,
        encoding=str(options.get("encoding", "utf-8")),
        most=size_option(options, "max_line", 1 << 20),
    )
    yield from read_files(declared, context, _ENDINGS, lambda stream: log_rows(stream, wanted))


def _formats(options: dict[str, Any]) -> tuple[Format, ...]:
    if "pattern" in options:
        return (pattern_format(str(options["pattern"])),)
    asked = options.get("format", "auto")
    if asked == "auto":
        return ()
    known = {one.name: one for one in FORMATS}
    chosen: list[Format] = []
    for name in asked if isinstance(asked, list) else [asked]:
        if name not in known:
            raise SourceError(
                f"{name!r} is no format of logs", where="[[data.source]] format", fix=did_you_mean(str(name), NAMES)
            )
        chosen.append(known[name])
    return tuple(chosen)
