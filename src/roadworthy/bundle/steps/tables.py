"""Columns of a table to numbers: quantities, categories, ranks, dates, truth values."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Columns
from roadworthy.bundle.steps.fills import Fill
from roadworthy.kernel.errors import DataError

_TRUE = frozenset({"true", "yes", "1", "1.0", "t", "y"})
_FALSE = frozenset({"false", "no", "0", "0.0", "f", "n"})
_LARGEST = float(np.finfo(np.float32).max)
_PARTS = ("year", "month", "day", "weekday", "hour")


class Number(Struct, frozen=True, kw_only=True, tag="number"):
    """A quantity as it is; where it is missing what fills it, else nan; and a flag beside it if it ever was."""

    column: str
    flag: bool = False
    fill: Fill | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The column, and those that tell what fills it."""
        return (self.column, *(self.fill.columns if self.fill else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """The column, and its flag."""
        return (self.column, f"{self.column}.missing") if self.flag else (self.column,)

    def encode(self, rows: Columns) -> NDArray[np.float32]:
        """One or two columns."""
        values = numbers(rows[self.column], self.column)
        missing = np.isnan(values)
        if self.fill and missing.any():
            values[missing] = filling(self.fill, rows, missing)
        return np.column_stack([values, missing] if self.flag else [values]).astype(np.float32)


class Category(Struct, frozen=True, kw_only=True, tag="category"):
    """A 1 in the column of the value; `unseen` for values that were rare or absent when the model was fitted."""

    column: str
    values: tuple[str, ...]
    fill: Fill | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The column, and those that tell what fills it."""
        return (self.column, *(self.fill.columns if self.fill else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """One for each value, then `missing` and `unseen`."""
        return tuple(f"{self.column}={value}" for value in (*self.values, "(missing)", "(unseen)"))

    def encode(self, rows: Columns) -> NDArray[np.float32]:
        """Values, missing, unseen: exactly one 1 a row, and a second one in the value of a row that was filled."""
        place = {value: at for at, value in enumerate(self.values)}
        missing, unseen = len(place), len(place) + 1
        words = [category(value) for value in rows[self.column]]
        at = [missing if word is None else place.get(word, unseen) for word in words]
        found = np.zeros((len(at), len(place) + 2), dtype=np.float32)
        found[np.arange(len(at)), at] = 1.0
        gaps = np.array([word is None for word in words], dtype=bool)
        if self.fill and gaps.any():
            stand_ins = [place.get(str(value), unseen) for value in filling(self.fill, rows, gaps)]
            found[np.flatnonzero(gaps), stand_ins] = 1.0
        return found


class Rank(Struct, frozen=True, kw_only=True, tag="rank"):
    """An ordered category as its place in the order, from 0; nan where it is unknown, or missing and not filled."""

    column: str
    order: tuple[str, ...]
    fill: Fill | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The column, and those that tell what fills it."""
        return (self.column, *(self.fill.columns if self.fill else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """The column."""
        return (f"{self.column}.rank",)

    def encode(self, rows: Columns) -> NDArray[np.float32]:
        """One column."""
        place = {value: float(at) for at, value in enumerate(self.order)}
        words = [category(value) for value in rows[self.column]]
        gaps = np.array([word is None for word in words], dtype=bool)
        if self.fill and gaps.any():
            for at, value in zip(np.flatnonzero(gaps), filling(self.fill, rows, gaps), strict=True):
                words[at] = str(value)
        ranks = [place.get(word or "", math.nan) for word in words]
        return np.array(ranks, dtype=np.float32).reshape(-1, 1)


class Truth(Struct, frozen=True, kw_only=True, tag="truth"):
    """1 for true, 0 for false, nan for neither."""

    column: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    @property
    def names(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    def encode(self, rows: Columns) -> NDArray[np.float32]:
        """One column."""
        words = [(category(value) or "").lower() for value in rows[self.column]]
        truths = [1.0 if word in _TRUE else 0.0 if word in _FALSE else math.nan for word in words]
        return np.array(truths, dtype=np.float32).reshape(-1, 1)


class DateParts(Struct, frozen=True, kw_only=True, tag="date"):
    """A date (ISO text, date, or UTC seconds) as year, month, day, weekday (Monday is 0) and hour, in UTC."""

    column: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    @property
    def names(self) -> tuple[str, ...]:
        """One for each part."""
        return tuple(f"{self.column}.{part}" for part in _PARTS)

    def encode(self, rows: Columns) -> NDArray[np.float32]:
        """Five columns; nan where there is no date."""
        parts = [_parts(moment(value)) for value in rows[self.column]]
        return np.array(parts, dtype=np.float32).reshape(-1, len(_PARTS))


def filling(fill: Fill, rows: Columns, missing: NDArray[np.bool_]) -> list[float | str]:
    """What stands in for the missing cells, one value for each."""
    beside = [numbers(rows[name], name)[missing] for name in fill.columns]
    return fill(beside, int(missing.sum()))


def numbers(values: Sequence[Any] | NDArray[Any], column: str) -> NDArray[np.float64]:
    """Numbers with nan for a missing or empty one, cut at the largest that a feature (float32) can hold.

    Raises:
        DataError: if a value is no number; the row and the value are named.
    """
    try:
        found = np.array([math.nan if value is None or value == "" else value for value in values], dtype=np.float64)
    except (TypeError, ValueError):
        row, value = next((row, value) for row, value in enumerate(values) if not _is_number(value))
        raise DataError(
            f"{value!r} is no number", where=f"row {row}, column {column!r}", fix="send a number, or null if missing"
        ) from None
    return np.where(np.isfinite(found), np.clip(found, -_LARGEST, _LARGEST), math.nan)


def category(value: Any) -> str | None:
    """The word for a category; None if it is missing. 3.0 and 3 are one category.

    >>> category(3.0), category(True), category(""), category("a b ")
    ('3', 'true', None, 'a b')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def moment(value: Any) -> datetime | None:
    """A moment in UTC from ISO text, a date, or seconds since 1970; None if it is none of these.

    >>> moment("2024-02-29T12:00:00+02:00").hour, moment("soon")
    (10, None)
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            value = datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _parts(found: datetime | None) -> tuple[float, ...]:
    if found is None:
        return (math.nan,) * len(_PARTS)
    return (found.year, found.month, found.day, found.weekday(), found.hour + found.minute / 60)


def _is_number(value: Any) -> bool:
    try:
        float(math.nan if value is None or value == "" else value)
    except (TypeError, ValueError):
        return False
    return True
