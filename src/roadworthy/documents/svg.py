"""A small pen for SVG: scales, nice ticks, and a plot with axes. Colours come from the page's style sheet."""

import math
from collections.abc import Callable, Sequence
from html import escape

from msgspec import Struct

Point = tuple[float, float]


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About `count` round numbers from low to high: multiples of 1, 2 or 5 times a power of ten.

    >>> nice_ticks(0.0, 1.0)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> nice_ticks(0.93, 1.0, 3)
    [0.94, 0.96, 0.98, 1.0]
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low] if math.isfinite(low) else []
    rough = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = min((one * power for one in (1, 2, 5, 10)), key=lambda size: abs(math.log(size / rough)))
    digits = max(0, -math.floor(math.log10(step)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, digits) for index in range(first, last + 1)]


class Scale(Struct, frozen=True):
    """Numbers from low to high laid out between two places of a picture."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a number lies; what is outside lies at the nearer edge."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        share = min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))
        return self.start + share * (self.end - self.start)


def spanning(values: Sequence[float], *, pad: float = 0.15, inside: tuple[float, float] | None = None) -> Point:
    """Bounds that hold all values with some room, cut to `inside` if given; below 0 only if a value is.

    >>> spanning([0.9, 1.0], inside=(0.0, 1.0))
    (0.885, 1.0)
    """
    real = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(real), max(real)
    room = (high - low) * pad or abs(low) * 0.1 or 0.5
    low, high = (max(low - room, 0.0) if low >= 0 else low - room), high + room
    if inside:
        low, high = max(low, inside[0]), min(high, inside[1])
    low, high = round(low, 12), round(high, 12)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def tag(name: str, body: str = "", **attributes: object) -> str:
    """One element; attribute values are escaped, `body` must be already. A trailing underscore frees a Python word.

    >>> tag("text", "a", class_="<x>", text_anchor="end")
    '<text class="&lt;x&gt;" text-anchor="end">a</text>'
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{said}>{body}</{name}>" if body else f"<{name}{said}/>"


def text(x: float, y: float, words: str, **attributes: object) -> str:
    """Some words at a place; they are escaped."""
    return tag("text", escape(words), x=x, y=y, **attributes)


def picture(width: float, height: float, body: str, *, label: str, class_: str = "chart") -> str:
    """A whole drawing that scales with the page, with a label for those who cannot see it."""
    inside = tag("title", escape(label)) + body
    box = f"0 0 {_short(width)} {_short(height)}"
    return tag("svg", inside, viewBox=box, role="img", aria_label=label, class_=class_)


class Plot:
    """A chart with two axes.

    Marks are added in order, then `render` draws the frame around them.
    """

    width, height = 460.0, 320.0
    left, right, top, bottom = 58.0, 24.0, 14.0, 46.0

    def __init__(
        self, x: Point, y: Point, *, x_title: str, y_title: str, form: Callable[[float], str] = "{:g}".format
    ) -> None:
        self.x = Scale(x[0], x[1], self.left, self.width - self.right)
        self.y = Scale(y[0], y[1], self.height - self.bottom, self.top)
        self.x_title, self.y_title = x_title, y_title
        self.form = form
        self.marks: list[str] = []

    def at(self, point: Point) -> Point:
        """The place of a point in the picture."""
        return self.x(point[0]), self.y(point[1])

    def line(self, points: Sequence[Point], *, class_: str) -> None:
        """A line through points."""
        places = " ".join(f"{_short(x)},{_short(y)}" for x, y in map(self.at, points))
        self.marks.append(tag("polyline", points=places, class_=f"line {class_}"))

    def area(self, points: Sequence[Point], *, class_: str) -> None:
        """A filled outline."""
        places = " ".join(f"{_short(x)},{_short(y)}" for x, y in map(self.at, points))
        self.marks.append(tag("polygon", points=places, class_=class_))

    def dot(self, point: Point, *, class_: str, radius: float = 4.0, label: str = "") -> None:
        """A round mark, with words that show when one points at it."""
        x, y = self.at(point)
        body = tag("title", escape(label)) if label else ""
        self.marks.append(tag("circle", body, cx=x, cy=y, r=radius, class_=class_))

    def upright(self, x: float, *, class_: str, low: float | None = None, high: float | None = None) -> None:
        """A vertical line, over the whole height or from low to high."""
        place = self.x(x)
        ends = self.y(self.y.low if low is None else low), self.y(self.y.high if high is None else high)
        self.marks.append(tag("line", x1=place, x2=place, y1=ends[0], y2=ends[1], class_=class_))

    def words(self, point: Point, words: str, *, class_: str = "note", anchor: str = "start", dy: float = 0.0) -> None:
        """Words beside a point."""
        x, y = self.at(point)
        self.marks.append(text(x, y + dy, words, class_=class_, text_anchor=anchor))

    def render(self, label: str) -> str:
        """The whole chart as SVG."""
        return picture(self.width, self.height, self._frame() + "".join(self.marks), label=label)

    def _frame(self) -> str:
        base, lines = self.height - self.bottom, []
        for value in nice_ticks(self.x.low, self.x.high):
            place = self.x(value)
            lines.append(tag("line", x1=place, x2=place, y1=self.top, y2=base, class_="grid"))
            lines.append(text(place, base + 17, self.form(value), class_="tick", text_anchor="middle"))
        for value in nice_ticks(self.y.low, self.y.high):
            place = self.y(value)
            lines.append(tag("line", x1=self.left, x2=self.width - self.right, y1=place, y2=place, class_="grid"))
            lines.append(text(self.left - 8, place + 4, self.form(value), class_="tick", text_anchor="end"))
        middle = (self.left + self.width - self.right) / 2
        lines.append(text(middle, self.height - 8, self.x_title, class_="axis", text_anchor="middle"))
        turn = f"translate(14 {_short((self.top + base) / 2)}) rotate(-90)"
        lines.append(tag("text", escape(self.y_title), transform=turn, class_="axis", text_anchor="middle"))
        return "".join(lines)


class WidePlot(Plot):
    """A chart over the whole width of the page."""

    width, height, left = 800.0, 340.0, 72.0


def _short(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
