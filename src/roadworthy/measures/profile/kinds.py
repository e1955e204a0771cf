"""What values can be, and how a key becomes a value again.

A kind has a tag, such as `number` or `datetime[us]`: what stands in brackets is the unit. Values of two tags are never
added up: a column that holds both is `mixed` and keeps both.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from roadworthy.measures.profile.hashing import Words
from roadworthy.measures.profile.keys import key_floats, key_ints

Value = int | float | bool | str | date | datetime | time | timedelta
"""One value as Python has it; points in time that Python cannot hold are given as whole numbers of their unit."""

NUMERIC = ("number", "integer", "unsigned")
TIMES = ("date", "datetime[ms]", "datetime[us]", "datetime[ns]")
SPANS = ("duration[ms]", "duration[us]", "duration[ns]", "time[ns]")
TEXTS = ("text", "bytes", "nested")
TAGS = (*NUMERIC, "boolean", *TIMES, *SPANS, *TEXTS)
"""Every tag that a profile may hold, in the order in which they are asked when several are there."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # a wall clock time where the column has no zone
_PER_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}


def kind_of(tag: str) -> str:
    """The kind without its unit; whole numbers are `integer`, however they are stored.

    >>> kind_of("datetime[us]"), kind_of("unsigned")
    ('datetime', 'integer')
    """
    return "integer" if tag == "unsigned" else tag.partition("[")[0]


def values_of(tag: str, keys: Words) -> list[Any]:
    """Keys as Python values.

    >>> import numpy as np
    >>> from roadworthy.measures.profile.keys import int_keys
    >>> values_of("date", int_keys(np.array([0])))
    [datetime.date(1970, 1, 1)]
    """
    if tag == "number":
        return list(key_floats(keys).tolist())
    if tag == "unsigned":
        return list(keys.tolist())
    whole: list[int] = key_ints(keys).tolist()
    make = _MAKERS.get(kind_of(tag))
    return whole if make is None else [_tried(make, value, tag) for value in whole]


def _tried(make: Callable[[int, int], Value], value: int, tag: str) -> Value:
    """The value, or the bare number where Python's calendar does not reach."""
    try:
        return make(value, _PER_SECOND.get(tag.partition("[")[2][:-1], 1))
    except (OverflowError, ValueError):
        return value


def _span(value: int, per_second: int) -> timedelta:
    return timedelta(microseconds=value * 10**6 // per_second)


def _clock(value: int, per_second: int) -> time:
    return (_EPOCH + _span(value, per_second)).time()


_MAKERS: dict[str, Callable[[int, int], Value]] = {
    "boolean": lambda value, _: bool(value),
    "date": lambda value, _: date(1970, 1, 1) + timedelta(days=value),
    "datetime": lambda value, per_second: _EPOCH + _span(value, per_second),
    "duration": _span,
    "time": _clock,
}


def seconds_of(value: float, tag: str) -> Value:
    """A mean in units of a kind as a Python value."""
    make = _MAKERS.get(kind_of(tag))
    return value if make is None or kind_of(tag) == "boolean" else _tried(make, round(value), tag)


def number_of(value: Value, tag: str) -> float:
    """A Python value as a number in the unit of a kind, for questions such as `cdf`.

    >>> number_of(datetime(1970, 1, 1, 0, 0, 1), "datetime[ms]")
    1000.0
    """
    per_second = _PER_SECOND.get(tag.partition("[")[2][:-1], 1)
    if isinstance(value, datetime):
        plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return (plain - _EPOCH) / timedelta(seconds=1) * per_second
    if isinstance(value, date):
        return float((value - date(1970, 1, 1)).days)
    if isinstance(value, timedelta):
        return value / timedelta(seconds=1) * per_second
    if isinstance(value, time):
        return (datetime.combine(_EPOCH.date(), value) - _EPOCH) / timedelta(seconds=1) * per_second
    return float(value)
