"""The signature picture: an interval held against its limit; and rows of intervals side by side."""

from collections.abc import Sequence

from msgspec import Struct

from roadworthy.documents.svg import Scale, nice_ticks, picture, spanning, tag, text
from roadworthy.documents.words import bare, between, limit_words, number
from roadworthy.kernel.limits import Interval, Limit

_WIDTH = 420.0


class Bar(Struct, frozen=True, kw_only=True):
    """One measured value: what it is of, its interval, and the style class that colours it."""

    name: str
    value: float | None
    interval: Interval | None = None
    class_: str = "model"
    note: str = ""


def against_limit(bar: Bar, limit: Limit | None, *, unit: str = "") -> str:
    """An interval drawn against its limit: the good side is tinted, the limit is a gate post."""
    values = _values([bar], limit)
    if limit and limit.op in (">", ">=") and limit.bound == 0:
        values.append(-0.2 * max(values))  # so that the bad side of "better than nothing" can be seen
    scale = Scale(*spanning(values, pad=0.3, inside=_inside(values, unit)), 10.0, _WIDTH - 10.0)
    marks = [tag("line", x1=10.0, x2=_WIDTH - 10.0, y1=30.0, y2=30.0, class_="rail")]
    if limit is not None:
        marks = [_good_side(limit, scale), *marks, *_post(limit, scale, unit)]
    marks += _bar(bar, scale, 30.0)
    for place, anchor in ((scale.low, "start"), (scale.high, "end")):
        marks.append(text(scale(place), 52.0, bare(place, unit), class_="tick", text_anchor=anchor))
    said = f"{bar.name}: {number(bar.value, unit)}"
    if bar.interval:
        said += f", 95 % interval {between(bar.interval, unit)}"
    if limit:
        said += f", required {limit_words(limit, unit)}"
    return picture(_WIDTH, 56.0, "".join(marks), label=said, class_="chart interval")


def side_by_side(
    bars: Sequence[Bar], *, unit: str = "", reference: float | None = None, wide: bool = False, label: str
) -> str:
    """Several intervals on one scale, one a row, with names to the left and numbers to the right.

    Args:
        bars: in the order in which they are shown.
        unit: of all of them.
        reference: a value to compare with, drawn as a line.
        wide: for long names and a picture over the whole width of the page.
        label: for those who cannot see it.
    """
    width, left, right = (640.0, 190.0, 150.0) if wide else (400.0, 104.0, 128.0)
    step, top, names = 28.0, 10.0, 27 if wide else 14
    values = [*_values(bars, None), *([] if reference is None else [reference])]
    scale = Scale(*spanning(values, pad=0.08, inside=_inside(values, unit)), left, width - right)
    base = top + step * len(bars)
    marks = [
        part
        for tick in nice_ticks(scale.low, scale.high, 4 if wide else 3)
        for part in (
            tag("line", x1=scale(tick), x2=scale(tick), y1=top - 6, y2=base, class_="grid"),
            text(scale(tick), base + 16, bare(tick, unit), class_="tick", text_anchor="middle"),
        )
    ]
    if reference is not None:
        place = scale(reference)
        marks.append(tag("line", x1=place, x2=place, y1=top - 6, y2=base, class_="reference"))
    for row, bar in enumerate(bars):
        y = top + step * (row + 0.5)
        marks.append(text(left - 14, y + 5, _cut(bar.name, names), class_="name", text_anchor="end"))
        marks += _bar(bar, scale, y)
        marks.append(text(width - right + 14, y + 5, bare(bar.value, unit), class_="value"))
        marks.append(text(width, y + 5, _cut(bar.note, 11), class_="tick", text_anchor="end"))
    return picture(width, base + 24, "".join(marks), label=label, class_="chart rows wide" if wide else "chart rows")


def _inside(values: Sequence[float], unit: str) -> tuple[float, float] | None:
    """Shares end at 0 and 1; differences of shares may be negative."""
    return (0.0, 1.0) if unit == "share" and all(0 <= value <= 1 for value in values) else None


def _values(bars: Sequence[Bar], limit: Limit | None) -> list[float]:
    found = [bar.value for bar in bars if bar.value is not None]
    found += [end for bar in bars if bar.interval for end in (bar.interval.low, bar.interval.high)]
    return found + ([limit.bound] if limit else [])


def _bar(bar: Bar, scale: Scale, y: float) -> list[str]:
    marks = []
    if bar.interval:
        low, high = scale(bar.interval.low), scale(bar.interval.high)
        marks.append(
            tag("rect", x=low, y=y - 4, width=max(high - low, 2.0), height=8.0, rx=4.0, class_=f"bar {bar.class_}")
        )
    if bar.value is not None:
        marks.append(tag("circle", cx=scale(bar.value), cy=y, r=6.0, class_=f"point {bar.class_}"))
    return marks


def _good_side(limit: Limit, scale: Scale) -> str:
    post = scale(limit.bound)
    ends = {">": (post, scale.end), "<": (scale.start, post)}.get(limit.op[0], (post - 2, post + 2))
    return tag("rect", x=ends[0], y=17.0, width=max(ends[1] - ends[0], 0.0), height=26.0, rx=3.0, class_="good")


def _post(limit: Limit, scale: Scale, unit: str) -> list[str]:
    place = scale(limit.bound)
    anchor = "start" if place < _WIDTH * 0.25 else "end" if place > _WIDTH * 0.75 else "middle"
    return [
        tag("line", x1=place, x2=place, y1=15.0, y2=45.0, class_="post"),
        text(
            place, 10.0, limit_words(limit, unit if unit in ("share", "%") else ""), class_="limit", text_anchor=anchor
        ),
    ]


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
