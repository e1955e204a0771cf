"""The page of a table: one HTML file that needs no network, no script and nothing beside it."""

from roadworthy.documents.columns import relations, sheets
from roadworthy.documents.first_sight import concerns, headline
from roadworthy.documents.pages import template
from roadworthy.documents.words import number
from roadworthy.kernel.portrait import TablePortrait

_DIMENSIONS = ("accuracy", "completeness", "consistency", "timeliness", "validity", "uniqueness")


def render_portrait(portrait: TablePortrait) -> str:
    """The page as HTML; everything that comes from data is escaped."""
    return template("portrait.html.j2").render(
        portrait=portrait,
        head=headline(portrait),
        sheets=sheets(portrait.columns),
        scores=sorted(portrait.scores, key=lambda one: _place(one.dimension)),
        concerns=concerns(portrait.findings),
        relations=relations(portrait.related),
        size=_size(portrait.bytes),
        cells=portrait.rows * len(portrait.columns),
    )


def _place(dimension: str) -> int:
    return _DIMENSIONS.index(dimension) if dimension in _DIMENSIONS else len(_DIMENSIONS)


def _size(count: int) -> str:
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= size:
            return number(count / size, unit)
    return f"{count} B" if count else ""
