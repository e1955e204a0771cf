"""When mail comes in."""

from datetime import UTC, datetime
from random import Random

YEAR = 2025
MONTHS = 12
DAY, _HOUR = 86_400.0, 3_600.0
_SATURDAY = 5


class Calendar:
    """One month of the simulated year; `begin` and `end` are UTC seconds.

    >>> (Calendar(2).end - Calendar(2).begin) / 86400
    28.0
    """

    def __init__(self, month: int) -> None:
        self.month = month
        following = datetime(YEAR, month + 1, 1, tzinfo=UTC) if month < MONTHS else datetime(YEAR + 1, 1, 1, tzinfo=UTC)
        self.begin, self.end = datetime(YEAR, month, 1, tzinfo=UTC).timestamp(), following.timestamp()
        self.days = round((self.end - self.begin) / DAY)
        first = datetime(YEAR, month, 1, tzinfo=UTC).weekday()
        self._work = [1.0 if (first + day) % 7 < _SATURDAY else 0.08 for day in range(self.days)]

    def working(self, random: Random) -> float:
        """A moment in office hours, hardly ever at a weekend."""
        day = random.choices(range(self.days), weights=self._work)[0]
        return self.begin + day * DAY + random.triangular(7.0, 19.0, 10.5) * _HOUR

    def any(self, random: Random) -> float:
        """A moment of any day, rather in daytime."""
        return self.begin + random.randrange(self.days) * DAY + random.triangular(0.0, 23.99, 13.0) * _HOUR
