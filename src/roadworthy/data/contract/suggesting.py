"""What an unknown table seems to promise, and the few rows that break it: a first look without any declaration.

A clause is suggested that all values keep, or all but a few that stand apart: shapes and names ten or twenty times
rarer than all others, codes of a checksum with single failures, words among numbers. Beside, a few words in the names
of columns (age, percent, latitude) set bounds that nothing real crosses.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import polars as pl
from msgspec import Struct

from roadworthy.data.contract.columns import Seen, seen, share_of, type_of
from roadworthy.data.contract.holding import broken
from roadworthy.data.contract.proposing import ENOUGH, PROPOSALS
from roadworthy.data.contract.terms import Evidence, Terms, Type, evidence_of
from roadworthy.measures.unseen import share_above

MOST_BROKEN: Mapping[str, float] = MappingProxyType(
    {"bounds": 0.01, "checksum": 0.05, "type": 0.05, "pattern": 0.05, "unique": 0.01, "values": 0.005}
)
"""Share of values that may break what is suggested, by clause: more are no slips. Of other clauses none may."""

_BELIEF: Mapping[str, float] = MappingProxyType(
    {"bounds": 0.98, "checksum": 0.95, "type": 0.9, "pattern": 0.85, "unique": 0.7, "values": 0.6}
)
"""How likely a value is wrong that breaks such a clause, where hardly any does; set by hand, measured in the tests."""

_BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "age": (0, 130),
        "percent": (0, 100),
        "percentage": (0, 100),
        "pct": (0, 100),
        "probability": (0, 1),
        "latitude": (-90, 90),
        "lat": (-90, 90),
        "longitude": (-180, 180),
        "lon": (-180, 180),
        "lng": (-180, 180),
        "month": (1, 12),
        "hour": (0, 24),
        "minute": (0, 60),
        "humidity": (0, 100),
    }
)
"""What no value of a column of that name can be beyond."""

_READ: tuple[tuple[Type, str], ...] = (
    ("integer", r"^[-+]?\d{1,18}$"),
    ("number", r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?$"),
    ("date", r"^\d{4}-\d{2}-\d{2}$"),
)


class Suggestion(Struct, frozen=True, kw_only=True, eq=False):
    """One constraint that a table seems to obey.

    Attributes:
        clause: as in `terms.CLAUSES`, or `bounds` for what the column's name says.
        said: what it asks.
        evidence: values it was seen on, those that break it, and what share of clean values to come may.
        rows: a truth for each row, true where it is broken.
        likelihood: that such a value is wrong, in [0, 1]; 0 where none breaks it.
    """

    column: str
    clause: str
    said: Any
    evidence: Evidence
    rows: pl.Series
    likelihood: float

    @property
    def support(self) -> float:
        """Share of values that keep it."""
        return 1 - self.evidence.broken / max(self.evidence.rows, 1)


def suggest(frame: pl.DataFrame, scales: Mapping[str, str], *, texts: pl.DataFrame | None = None) -> list[Suggestion]:
    """Constraints of every column: first those that a few values break, likeliest slip first, then those that all keep.

    Args:
        frame: the table, typed or all text.
        scales: column to scale.
        texts: the cells as they were read, where they were kept.

    >>> ages = pl.DataFrame({"age": [*range(18, 88), -3] * 2 + list(range(20, 60)) * 9})
    >>> first = suggest(ages, {"age": "discrete"})[0]
    >>> first.clause, first.said, first.evidence.broken
    ('bounds', (0, 130), 2)
    """
    found = [
        suggestion
        for name in frame.columns
        if name != "row_key"
        for suggestion in _of_column(seen_loosely(frame, name, scales, texts), scales.get(name, ""))
    ]
    return sorted(found, key=lambda one: (-one.likelihood, -one.evidence.rows, one.column))


def seen_loosely(frame: pl.DataFrame, name: str, scales: Mapping[str, str], texts: pl.DataFrame | None) -> Seen:
    """A column read as the type that nearly all its texts have."""
    kind = type_of(frame, name, scales=scales, texts=texts)
    column = seen(frame, name, kind, texts=texts)
    if kind != "text" or column.present < ENOUGH or scales.get(name) == "text":
        return column
    present = column.text.drop_nulls()
    for better, pattern in _READ:
        if share_of(present, pattern) >= 1 - MOST_BROKEN["type"]:
            if better != "date" and present.str.contains(r"^[-+]?0\d").any():
                return column
            return seen(frame, name, better, texts=texts)
    return column


def _of_column(column: Seen, scale: str) -> Iterator[Suggestion]:
    yield from _by_name(column)
    for clause, propose in PROPOSALS.items():
        if clause == "length" or (clause == "range" and scale not in ("continuous", "discrete")):
            continue
        found = propose(column, scale, MOST_BROKEN.get(clause, 0.0))
        if found is None:
            continue
        said = Terms(scale=scale, **found.fields).says(clause)
        if clause == "pattern" and found.evidence.broken and not _of_codes(said):
            continue
        rows = broken(column, clause, said)
        yield _suggestion(column, clause, said, rows=rows, evidence=found.evidence)


def _of_codes(pattern: str) -> bool:
    """Whether a pattern is one of codes: names of places and people have odd ones among them that are right."""
    return "0-9" in pattern or "+" not in pattern


def _by_name(column: Seen) -> Iterator[Suggestion]:
    """Bounds that the words of the column's name set, if all but a few values are within them."""
    words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", column.name).lower())
    bounds = next((_BOUNDS[word] for word in words if word in _BOUNDS), None)
    if bounds is None or column.number is None or column.type not in ("integer", "number"):
        return
    count = column.number.drop_nulls().len()
    rows = broken(column, "range", bounds)
    out = int(rows.sum())
    if count >= ENOUGH and out <= MOST_BROKEN["bounds"] * count:
        evidence = evidence_of(count, share_above(out, count), broken=out)
        yield _suggestion(column, "bounds", bounds, rows=rows, evidence=evidence)


def _suggestion(column: Seen, clause: str, said: Any, *, rows: pl.Series, evidence: Evidence) -> Suggestion:
    """Its breaches are the likelier slips the fewer there are among the values."""
    likelihood = 0.0
    if rows.any():
        share = evidence.broken / max(evidence.rows, 1) / MOST_BROKEN[clause]
        likelihood = _BELIEF[clause] * (1 - 0.2 * min(share, 1.0))
    return Suggestion(column=column.name, clause=clause, said=said, evidence=evidence, rows=rows, likelihood=likelihood)
