"""Dates in mail headers, as UTC seconds; what no clock can have shown is no date."""

from collections.abc import Sequence
from email.utils import mktime_tz, parsedate_tz
from itertools import islice

_EARLIEST = 631_152_000.0  # 1990-01-01
_LATEST = 4_102_444_800.0  # 2100-01-01
_LONGEST = 200
_STAMPS = 20
_COMPARED = 3
# A hop that stamps a date this far after the hops below it has a wrong clock.
_TOO_FAR = 366 * 86_400.0


def parse_date(text: str) -> float | None:
    """UTC seconds of an RFC 5322 date; None if it cannot be read or lies outside 1990..2100.

    A date without a zone is read as UTC.

    >>> parse_date("Thu, 22 Aug 2002 18:26:25 +0700"), parse_date("yesterday"), parse_date("1 Jan 1904 00:00:00 +0000")
    (1030015585.0, None, None)
    """
    try:
        found = parsedate_tz(text[:_LONGEST])
        seconds = float(mktime_tz(found)) if found else 0.0
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return seconds if _EARLIEST <= seconds < _LATEST else None


def received_time(received: Sequence[str]) -> float | None:
    """The time at which the receiver's own server took the mail: the topmost plausible Received date.

    Of the first three, a stamp more than a year after both others is passed over: that clock ran ahead.

    Args:
        received: values of the Received headers, topmost first.

    >>> received_time(["from a by b; Thu, 22 Aug 2002 12:36:23 +0100", "from c; Thu, 22 Aug 2002 11:00:00 +0100"])
    1030016183.0
    """
    stamps = (parse_date(value.rpartition(";")[2].strip()) for value in received[:_STAMPS] if ";" in value)
    plausible = list(islice((stamp for stamp in stamps if stamp is not None), _COMPARED))
    for place, stamp in enumerate(plausible):
        others = plausible[:place] + plausible[place + 1 :]
        if not others or stamp - max(others) <= _TOO_FAR:
            return stamp
    return None
