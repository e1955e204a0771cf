"""Durations and sizes as people write them."""

import re

from msgspec import Struct

from roadworthy.kernel.errors import RoadworthyError

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\s*")
_BYTES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?i?b?)\s*", re.IGNORECASE)


class Duration(Struct, frozen=True):
    """A length of time, kept with the words it was declared in."""

    text: str
    seconds: float

    def __str__(self) -> str:
        """The words it was declared in."""
        return self.text


def parse_duration(text: str) -> Duration:
    """Read `"250ms"`, `"5m"`, `"1h"`, `"365d"`, `"2w"`.

    >>> parse_duration("5m").seconds
    300.0
    """
    found = _DURATION.fullmatch(text)
    if not found:
        raise RoadworthyError(
            f"{text!r} is no duration", where="duration", fix='write a number and ms, s, m, h, d or w, such as "5m"'
        )
    return Duration(text=text, seconds=float(found[1]) * _SECONDS[found[2]])


def parse_size(text: str) -> int:
    """Read `"50MB"`, `"1 GiB"`, `"512"` as bytes.

    >>> parse_size("1 KiB")
    1024
    """
    found = _SIZE.fullmatch(text)
    if not found or found[2].lower() not in _BYTES:
        raise RoadworthyError(
            f"{text!r} is no size", where="size", fix='write a number and B, KB, MB or GB, such as "50MB"'
        )
    return int(float(found[1]) * _BYTES[found[2].lower()])


def plural(count: int, noun: str) -> str:
    """`1 row`, `2 rows`, `1,234 rows`.

    >>> plural(1234, "row")
    '1,234 rows'
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def ago(seconds: float) -> str:
    """How long ago, for people.

    >>> ago(7300)
    '2 hours ago'
    """
    for size, noun in ((86400.0, "day"), (3600.0, "hour"), (60.0, "minute")):
        if seconds >= size:
            return f"{plural(int(seconds // size), noun)} ago"
    return "just now"
