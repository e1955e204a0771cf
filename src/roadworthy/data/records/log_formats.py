"""Formats of log lines: patterns for polars' regular expressions, which take linear time on any line.

Sources: Apache HTTP Server, Log Files (common and combined formats); RFC 3164 and RFC 5424 (syslog); the usual layout
of applications (time, level, message) as Python's logging, Log4j and Logback write it; logfmt as Heroku describes it.
"""

import re
from collections.abc import Sequence

import polars as pl
from msgspec import Struct

from roadworthy.kernel.errors import SourceError

_PRI = r"(?:<(?P<priority>\d{1,3})>)?"
_COMMON = (
    r'^(?P<host>\S+) (?P<ident>\S+) (?P<user>.+?) \[(?P<time>[^\]]{10,40})\] "(?P<request>(?:[^"\\]|\\.)*)" '
    r"(?P<status>\d{3}|-) (?P<bytes>\d+|-)"
)
_CLOCK = (
    r"\[?(?P<time>\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)\]?[\s|:\-]+"
)
_VALUE = r'(?:"(?:[^"\\]|\\.)*"|[^\s"]*)'
_KEY = r"[A-Za-z_][\w.\-/]*"
_QUOTED = r'"(?P<%s>(?:[^"\\]|\\.)*)"'


class Format(Struct, frozen=True):
    """One way to write a line.

    Attributes:
        name: what it is called. pattern: named groups are columns.
        absent: what stands where there is no value.
    """

    name: str
    pattern: str
    absent: str = ""


FORMATS = (
    Format("combined", f"{_COMMON} {_QUOTED % 'referer'} {_QUOTED % 'agent'}(?: (?P<more>.+))?$", "-"),
    Format("common", f"{_COMMON}$", "-"),
    Format(
        "rfc5424",
        r"^<(?P<priority>\d{1,3})>(?P<version>[1-9]\d{0,2}) (?P<time>-|\d{4}-\d{2}-\d{2}T\S+) (?P<host>\S+) "
        r'(?P<app>\S+) (?P<process>\S+) (?P<message_id>\S+) (?P<data>-|(?:\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\])+)'
        r"(?: \x{FEFF}?(?P<message>.*))?$",
        "-",
    ),
    Format(
        "rfc3164",
        rf"^{_PRI}(?P<time>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d) (?P<host>\S+) "
        r"(?:(?P<app>[^\s:\[]{1,64})(?:\[(?P<process>[^\]]{1,32})\])?: ?)?(?P<message>.*)$",
    ),
    Format("json", r"^\s*(?P<json>\{.*\})\s*$"),
    Format("logfmt", rf"^\s*(?P<pairs>{_KEY}={_VALUE}(?:\s+{_KEY}(?:={_VALUE})?)*)\s*$"),
    Format(
        "application",
        rf"^{_CLOCK}(?:\[(?P<thread>[^\]]{{1,200}})\] +)?(?:(?P<logger>[\w.$\-]{{1,200}})[\s|:\-]+)?"
        r"\[?(?P<level>(?i:trace|debug|info|notice|warn|warning|error|err|severe|critical|fatal))\]?"
        r"(?:[\s|:\-]+(?P<message>.*))?$",
    ),
    Format("timed", rf"^{_CLOCK}(?P<message>.*)$"),
)
"""In the order in which a line is tried."""

NAMES = tuple(one.name for one in FORMATS)
_PAIR = re.compile(r'([A-Za-z_][\w.\-/]*)(?:=("(?:[^"\\]|\\.)*+"|[^\s"]*+))?')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def pattern_format(pattern: str) -> Format:
    r"""A format from a user's pattern with named groups.

    Raises:
        SourceError: if it is no pattern, has no named group, or needs what a linear-time engine cannot do.

    >>> pattern_format(r"^(?P<level>\w+) (?P<message>.*)$").name
    'pattern'
    """
    try:
        made = groups(pl.Series(["", ""]), pattern)
    except pl.exceptions.PolarsError as err:
        said = [line for line in str(err).splitlines() if line.strip()]
        raise SourceError(
            f"the pattern cannot be used: {(said or ['unknown'])[-1].strip().removeprefix('error: ')}",
            where=f"[[data.source]] pattern = {pattern!r}",
            fix=r"write an expression without look-around and back-references, such as '^(?P<level>\w+) (?P<text>.*)$'",
        ) from err
    if not made.columns or all(name.isdecimal() for name in made.columns):
        raise SourceError(
            "the pattern has no named group",
            where=f"[[data.source]] pattern = {pattern!r}",
            fix="name the parts that should become columns, such as (?P<level>\\w+)",
        )
    return Format("pattern", pattern)


def groups(lines: pl.Series, pattern: str) -> pl.DataFrame:
    r"""The named groups of each line as columns; all are null where the pattern does not match.

    >>> groups(pl.Series(["a 1", "?"]), r"^(?P<x>\w) (?P<y>\d)$").rows()
    [('a', '1'), (None, None)]
    """
    found = lines.str.extract_groups(pattern)
    if not isinstance(found.dtype, pl.Struct) or not found.dtype.fields:
        return pl.DataFrame()
    frame = found.struct.unnest()
    return frame.select(name for name in frame.columns if not name.isdecimal())


def matching(lines: pl.Series, pattern: str) -> pl.Series:
    """Which lines a pattern stands for."""
    return lines.str.contains(pattern).fill_null(value=False)


def recognised(sample: pl.Series, formats: Sequence[Format] = FORMATS) -> list[tuple[Format, int]]:
    """The formats that lines of a sample are written in, the most frequent first, each with its lines.

    A line counts for the first format that matches it. A format of which less than one line in a hundred (and fewer
    than two lines) is written is chance.
    """
    found: list[tuple[Format, int]] = []
    left = sample
    for one in formats:
        hit = matching(left, one.pattern)
        count = int(hit.sum())
        left = left.filter(~hit)
        if count >= max(1, min(2, sample.len() // 10)) and count * 100 >= sample.len():
            found.append((one, count))
    return sorted(found, key=lambda pair: -pair[1])


def pairs_of(text: str) -> dict[str, str | None]:
    r"""The pairs of a logfmt line; a key without a value is true, an empty value missing.

    >>> pairs_of('at=info msg="a \\"b\\"" dry code= ')
    {'at': 'info', 'msg': 'a "b"', 'dry': 'true', 'code': None}
    """
    found: dict[str, str | None] = {}
    for key, value in _PAIR.findall(text):
        if value.startswith('"'):
            found[key] = _ESCAPE.sub(r"\1", value[1:-1])
        else:
            found[key] = value or (None if f"{key}=" in text else "true")
    return found
