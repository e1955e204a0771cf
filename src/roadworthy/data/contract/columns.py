"""One column as a contract sees it: its texts, and the same values as numbers where they are quantities."""

from collections.abc import Mapping
from functools import cached_property

import polars as pl

from roadworthy.data.contract.terms import Type
from roadworthy.data.scales import seconds

_WHOLE = r"^[-+]?\d{1,18}$"
_NUMBER = r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?$"
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_PADDED = r"^[-+]?0\d"
_HEAD = 1_000
_TRUTHS = ("true", "false", "True", "False", "TRUE", "FALSE")
_TIMES: frozenset[Type] = frozenset(("date", "datetime"))
_COUNTED: frozenset[Type] = frozenset(("integer", "number"))


class Seen:
    """A column's values, one for each row; null is missing.

    Attributes:
        name: of the column.
        type: what the texts are read as.
        number: Int64 or Float64 of `integer` and `number`, UTC seconds of dates; null where the text is none. For
            other types, None.
        missing: a truth for each row.
    """

    def __init__(self, held: pl.Series, kind: Type, *, number: pl.Series | None = None) -> None:
        self.name, self.type, self.number, self._held = held.name, kind, number, held
        self.missing = held.is_null()

    @property
    def rows(self) -> int:
        """How many there are, missing ones among them."""
        return self._held.len()

    @property
    def present(self) -> int:
        """How many are not missing."""
        return self.rows - self._held.null_count()

    @cached_property
    def text(self) -> pl.Series:
        """The values as they were read; made when they are first asked for, since numbers are long in words."""
        return as_text(self._held)

    @cached_property
    def canonical(self) -> pl.Series:
        """Texts in one spelling: whole numbers without sign and zeros that say nothing."""
        if self.type == "integer" and self.number is not None:
            return self.number.cast(pl.String).zip_with(self.number.is_not_null(), self.text).alias(self.name)
        return self.text.str.to_lowercase() if self.type == "boolean" else self.text

    def part(self, rows: pl.Series) -> "Seen":
        """The same column on some rows (a truth for each)."""
        number = None if self.number is None else self.number.filter(rows)
        return Seen(self._held.filter(rows), self.type, number=number)


def seen(frame: pl.DataFrame, name: str, kind: Type, *, texts: pl.DataFrame | None = None) -> Seen:
    """A column read as a type.

    Args:
        frame: the table, typed or not.
        name: a column of it.
        kind: what to read the texts as.
        texts: the cells as they were read, where they were kept.
    """
    held, read = frame[name], texts[name] if texts is not None and name in texts.columns else frame[name]
    if kind in _TIMES:
        return Seen(read, kind, number=_times(held, read))
    if kind not in _COUNTED:
        return Seen(read, kind)
    number = held if held.dtype.is_numeric() else as_text(read).str.strip_chars().cast(pl.Float64, strict=False)
    if kind == "integer" and not number.dtype.is_integer():
        number = _whole(number, read)
    return Seen(read, kind, number=number.alias(name))


def _whole(number: pl.Series, read: pl.Series) -> pl.Series:
    """Whole numbers; digits are read from the text where a float may have lost some."""
    exact = number.round(0).cast(pl.Int64, strict=False)
    fitting = (number % 1 == 0).fill_null(value=False)
    digits = as_text(read).str.strip_chars().cast(pl.Int64, strict=False)
    return pl.select(pl.coalesce(digits, pl.when(fitting).then(exact))).to_series()


def as_text(held: pl.Series) -> pl.Series:
    """Values as texts; a list counts as its items, joined by a comma."""
    if isinstance(held.dtype, pl.List):
        return held.list.eval(pl.element().cast(pl.String, strict=False)).list.join(", ")
    return held.cast(pl.String, strict=False)


def text_of(frame: pl.DataFrame, name: str, texts: pl.DataFrame | None = None) -> pl.Series:
    """A column's texts as they were read."""
    return as_text(texts[name] if texts is not None and name in texts.columns else frame[name])


def in_seconds(frame: pl.DataFrame) -> pl.DataFrame:
    """The same table with times as UTC seconds, as expressions read them.

    >>> in_seconds(pl.DataFrame({"t": [1]}).cast(pl.Date))["t"].to_list()
    [86400.0]
    """
    times = [name for name, dtype in frame.schema.items() if dtype in (pl.Date, pl.Datetime)]
    return frame.with_columns(pl.col(times).cast(pl.Datetime("us")).dt.epoch("us") / 1_000_000)


def type_of(frame: pl.DataFrame, name: str, *, scales: Mapping[str, str], texts: pl.DataFrame | None = None) -> Type:
    """What all texts of a column can be read as; numbers with leading zeros are text.

    >>> type_of(pl.DataFrame({"a": ["1", "2", None]}), "a", scales={"a": "discrete"})
    'integer'
    >>> type_of(pl.DataFrame({"a": ["01", "02"]}), "a", scales={"a": "nominal"})
    'text'
    """
    held, scale = frame[name], scales.get(name, "")
    if scale == "datetime" or held.dtype.is_temporal():
        present = text_of(frame, name, texts).drop_nulls()
        return "date" if held.dtype == pl.Date or (present.len() and share_of(present, _DAY) == 1) else "datetime"
    if held.dtype == pl.Boolean:
        return "boolean"
    if held.dtype.is_numeric():
        return "integer" if held.dtype.is_integer() else "number"
    present = text_of(frame, name, texts).drop_nulls()
    if present.is_empty() or scale == "text":
        return "text" if scale == "text" else ""
    if present.head(_HEAD).is_in(_TRUTHS).all() and present.is_in(_TRUTHS).all():
        return "boolean"
    return _counted(present)


def share_of(present: pl.Series, pattern: str) -> float:
    """Share of texts that match; 0 at once where hardly any of the first thousand do."""
    head = present.head(_HEAD)
    if int(head.str.contains(pattern).sum()) < head.len() / 2:
        return 0.0
    return float(present.str.contains(pattern).sum()) / max(present.len(), 1)


def _counted(present: pl.Series) -> Type:
    if share_of(present, _NUMBER) < 1 or present.str.contains(_PADDED).any():
        return "text"
    return "integer" if share_of(present, _WHOLE) == 1 else "number"


def _times(held: pl.Series, read: pl.Series) -> pl.Series:
    if held.dtype.is_temporal():
        return held.cast(pl.Datetime("us"), strict=False).dt.epoch("us") / 1_000_000
    return held if held.dtype.is_numeric() else seconds(as_text(read))
