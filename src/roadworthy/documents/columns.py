"""Small pictures of columns: a histogram or bars that fit into a row of a table, and what goes together."""

from collections.abc import Sequence
from html import escape

from msgspec import Struct

from roadworthy.documents.svg import picture, tag, text
from roadworthy.kernel.portrait import Bin, ColumnPortrait, Related, ValueCount

_WIDE, _HIGH = 180.0, 40.0
_GAP = 0.8
_BARS = 12
_STANDS_OUT = 0.02
_CELL = 26.0
_LABEL = 176.0
_MOST_RELATED = 30
_ASLANT = 84.0


class Sheet(Struct, frozen=True):
    """One column as the page shows it: its picture and the classes of its marks."""

    column: ColumnPortrait
    picture: str
    missing: float
    anchor: str


def sheets(columns: Sequence[ColumnPortrait]) -> list[Sheet]:
    """Each column with its picture."""
    return [
        Sheet(column, small_picture(column), column.missing / column.rows if column.rows else 0.0, f"c{place}")
        for place, column in enumerate(columns)
    ]


def small_picture(column: ColumnPortrait) -> str:
    """A histogram where the scale allows one, else bars of the most frequent values; empty if there is neither."""
    if column.bins:
        return histogram(column.bins, label=f"histogram of {column.name}")
    if column.top and not column.masked and _telling(column):
        return bars(
            column.top[:_BARS], rows=column.rows - column.missing, label=f"most frequent values of {column.name}"
        )
    return ""


def _telling(column: ColumnPortrait) -> bool:
    """Whether some values stand out; bars of an identifier or of free text would all be alike and tiny."""
    return column.top[0].rows >= _STANDS_OUT * (column.rows - column.missing)


def histogram(bins: Sequence[Bin], *, label: str) -> str:
    """Rows per bin; each bar says its bounds when one points at it."""
    most = max((one.rows for one in bins), default=0)
    if not most:
        return ""
    width = _WIDE / len(bins)
    marks = [
        _bar(place * width, width - _GAP, one.rows / most, f"{one.low} to {one.high}: {one.rows:,} rows")
        for place, one in enumerate(bins)
    ]
    return _strip("".join(marks), label)


def bars(values: Sequence[ValueCount], *, rows: int, label: str) -> str:
    """Share of each of the most frequent values; what is left over is drawn pale at the right."""
    if not rows or not values:
        return ""
    rest = max(0, rows - sum(one.rows for one in values))
    shown = [(one.value, one.rows, "") for one in values] + ([("all others", rest, " rest")] if rest else [])
    most = values[0].rows
    width = _WIDE / max(len(shown), 4)
    marks = [
        _bar(place * width, width - 2.0, min(1.0, count / most), f"{value[:80]}: {count:,} rows", more=more)
        for place, (value, count, more) in enumerate(shown)
    ]
    return _strip("".join(marks), label)


def relations(related: Sequence[Related]) -> str:
    """The columns that go together as a table of shades: the darker, the stronger; empty if there are none."""
    names = list(dict.fromkeys(name for one in related for name in (one.first, one.second)))[:_MOST_RELATED]
    if len(names) < 2:
        return ""
    place = {name: number for number, name in enumerate(names)}
    marks = [text(_LABEL - 8, _top(n) + 17, _cut(name), class_="name", text_anchor="end") for name, n in place.items()]
    marks += [
        tag(
            "text",
            escape(_cut(name)),
            transform=f"translate({_left(n) + 16:.4g} {_LABEL - 8:.4g}) rotate(-60)",
            class_="name",
        )
        for name, n in place.items()
    ]
    for one in related:
        if one.first in place and one.second in place:
            for first, second in ((one.first, one.second), (one.second, one.first)):
                marks.append(_shade(place[first], place[second], one))
    size = _LABEL + len(names) * _CELL + 4
    width = size + _ASLANT
    drawn = picture(width, size, "".join(marks), label="Columns that go together", class_="chart relations")
    return tag("div", drawn, style=f"width:{width:.0f}px")


def _shade(row: int, column: int, one: Related) -> str:
    words = f"{one.first} and {one.second}: {one.strength:+.2f} ({one.kind})"
    return tag(
        "rect",
        tag("title", escape(words)),
        x=_left(column),
        y=_top(row),
        width=_CELL - 2,
        height=_CELL - 2,
        rx=3,
        class_="shade minus" if one.strength < 0 else "shade",
        fill_opacity=f"{min(1.0, abs(one.strength)):.2f}",
    )


def _left(number: int) -> float:
    return _LABEL + number * _CELL


def _top(number: int) -> float:
    return _LABEL + number * _CELL


def _cut(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"


def _bar(x: float, width: float, share: float, words: str, *, more: str = "") -> str:
    height = max(1.0, share * (_HIGH - 2)) if share > 0 else 0.0
    return tag(
        "rect",
        tag("title", escape(words)),
        x=round(x, 1),
        y=round(_HIGH - height, 1),
        width=round(max(width, 0.5), 1),
        height=round(height, 1),
        class_=f"tiny{more}",
    )


def _strip(marks: str, label: str) -> str:
    return picture(_WIDE, _HIGH, marks, label=label, class_="strip")
