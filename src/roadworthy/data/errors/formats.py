"""Numbers and dates written otherwise than most of their column."""

import re
from collections import Counter
from datetime import date, datetime

from roadworthy.bundle.steps.writings import shortest
from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.signals import Hint, Signal, at_values

_COMMA = re.compile(r"^[-+]?\d+,\d+$")
_THOUSANDS = re.compile(r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$")
_NOISE = re.compile(r"^[-+]?\d*\.\d*?(?:0{6,}\d{1,2}|9{6,}\d{0,2})$")
_DATES = {
    "year-month-day": (re.compile(r"^\d{4}-\d{1,2}-\d{1,2}$"), "%Y-%m-%d"),
    "year/month/day": (re.compile(r"^\d{4}/\d{1,2}/\d{1,2}$"), "%Y/%m/%d"),
    "month/day/year": (re.compile(r"^(?:0?\d|1[0-2])/\d{1,2}/\d{4}$"), "%m/%d/%Y"),
    "day/month/year": (re.compile(r"^\d{1,2}/(?:0?\d|1[0-2])/\d{4}$"), "%d/%m/%Y"),
    "day.month.year": (re.compile(r"^\d{1,2}\.\d{1,2}\.\d{4}$"), "%d.%m.%Y"),
    "yearmonthday": (re.compile(r"^(?:19|20)\d{6}$"), "%Y%m%d"),
    "day month-name year": (re.compile(r"^\d{1,2} [A-Za-z]{3} \d{4}$"), "%d %b %Y"),
    "month-name day, year": (re.compile(r"^[A-Za-z]{3} \d{1,2}, \d{4}$"), "%b %d, %Y"),
}
_MOSTLY = 0.9
_FEW = 0.1


def formats(column: Coded) -> list[Signal]:
    """Cells whose way of writing a number or a date is not the one of most of their column."""
    return at_values("format", column, _numbers(column) | _dates(column))


def _numbers(column: Coded) -> dict[int, Hint]:
    """A comma for a point, thousands separated, the noise of floating point; among plain numbers."""
    if column.number_share < 0.5:
        return {}
    hints = {}
    for code, value in enumerate(column.values):
        if _THOUSANDS.match(value):
            hints[code] = Hint(0.9, shortest(value), "thousands are separated here only")
        elif _COMMA.match(value):
            hints[code] = Hint(0.9, value.replace(",", "."), "a comma stands for the decimal point")
        elif _NOISE.match(value) and len(value) >= 15:
            hints[code] = Hint(0.6, shortest(value), "the noise of floating point")
    return hints if column.mass(set(hints)) <= _FEW else {}


def _dates(column: Coded) -> dict[int, Hint]:
    fitting = {code: _fitting(value) for code, value in enumerate(column.values[:50_000])}
    dated = {code for code, found in fitting.items() if found}
    if column.mass(dated) < _MOSTLY or column.number_share > 0.5:
        return {}
    counts: Counter[str] = Counter()
    for code in dated:
        counts.update(dict.fromkeys(fitting[code], int(column.counts[code])))
    main, held = counts.most_common(1)[0]
    if held < 0.6 * column.present:
        return {}
    target = _DATES[main][1]
    hints = {}
    for code in dated:
        if main in fitting[code]:
            continue
        readings = {_read(column.values[code], name) for name in fitting[code]} - {None}
        only = next(iter(readings)) if len(readings) == 1 else None
        hints[code] = Hint(0.9, only.strftime(target) if only else None, f"dates are written {main} here")
    return hints


def _fitting(value: str) -> tuple[str, ...]:
    if len(value) < 8 or len(value) > 12:
        return ()
    return tuple(name for name, (shape, _) in _DATES.items() if shape.match(value) and _read(value, name))


def _read(value: str, name: str) -> date | None:
    try:
        return datetime.strptime(value, _DATES[name][1]).date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        return None
