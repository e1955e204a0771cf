"""One column as a contract sees it: its texts, and the same values as numbers where they are quantities."""

from collections.abc import Mapping

import polars as pl
from msgspec import Struct

from roadworthy.data.contract.terms import Type
from roadworthy.data.scales import seconds

_WHOLE = r"^[-+]?\d{1,18}$"
_NUMBER = r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?$"
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_TRUTHS = ("true", "false", "True", "False", "TRUE", "FALSE")
_TIMES: frozenset[Type] = frozenset(("date", "datetime"))
_COUNTED: frozenset[Type] = frozenset(("integer", "number"))


class Seen(Struct, frozen=True, kw_only=True):
    """A column's values, one for each row; null is missing.

    Attributes:
        text: as it was read.
        number: Int64 or Float64 of `integer` and `number`, UTC seconds of dates; null where the text is none. For
            other types, None.
        type: what the texts are read as.
    """

    name: str
    text: pl.Series
    type: Type
    number: pl.Series | None = None

    def part(self, rows: pl.Series) -> "Seen":
        """The same column on some rows (a truth for each)."""
        number = None if self.number is None else self.number.filter(rows)
        return Seen(name=self.name, text=self.text.filter(rows), type=self.type, number=number)

    @property
    def canonical(self) -> pl.Series:
        """Texts in one spelling: whole numbers without sign and zeros that say nothing."""
        if self.type == "integer" and self.number is not None:
            return pl.Series(self.name, self.number.cast(pl.String).zip_with(self.number.is_not_null(), self.text))
        return self.text.str.to_lowercase() if self.type == "boolean" else self.text


def seen(frame: pl.DataFrame, name: str, kind: Type, *, texts: pl.DataFrame | None = None) -> Seen:
    """A column read as a type.

    Args:
        frame: the table, typed or not.
        name: a column of it.
        kind: what to read the texts as.
        texts: the cells as they were read, where they were kept.
    """
    text = text_of(frame, name, texts)
    held = frame[name]
    if kind in _TIMES:
        return Seen(name=name, text=text, type=kind, number=_times(held, text))
    if kind not in _COUNTED:
        return Seen(name=name, text=text, type=kind)
    number = held if held.dtype.is_numeric() else text.str.strip_chars().cast(pl.Float64, strict=False)
    if kind == "integer" and not number.dtype.is_integer():
        whole = text.str.strip_chars().cast(pl.Int64, strict=False)
        floor = number.round(0).cast(pl.Int64, strict=False).zip_with((number % 1 == 0).fill_null(value=False), whole)
        number = whole if whole.null_count() <= floor.null_count() else floor
    return Seen(name=name, text=text, type=kind, number=number.alias(name))


def text_of(frame: pl.DataFrame, name: str, texts: pl.DataFrame | None = None) -> pl.Series:
    """A column's texts as they were read; a list counts as its items, joined by a comma."""
    held = texts[name] if texts is not None and name in texts.columns else frame[name]
    if isinstance(held.dtype, pl.List):
        return held.list.eval(pl.element().cast(pl.String, strict=False)).list.join(", ")
    return held.cast(pl.String, strict=False)


def in_seconds(frame: pl.DataFrame) -> pl.DataFrame:
    """The same table with times as UTC seconds, as expressions read them.

    >>> in_seconds(pl.DataFrame({"t": ["1970-01-02"]}).cast(pl.Date))["t"].to_list()
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
        return "date" if held.dtype == pl.Date or present.str.contains(_DAY).all() else "datetime"
    if held.dtype == pl.Boolean:
        return "boolean"
    present = text_of(frame, name, texts).drop_nulls().unique()
    if present.is_empty() or scale == "text":
        return "text" if scale == "text" else ""
    if present.is_in(_TRUTHS).all():
        return "boolean"
    return _counted(present)


def _counted(present: pl.Series) -> Type:
    if present.str.contains(r"^[-+]?0\d").any():
        return "text"
    if present.str.contains(_WHOLE).all():
        return "integer"
    return "number" if present.str.contains(_NUMBER).all() else "text"


def _times(held: pl.Series, text: pl.Series) -> pl.Series:
    if held.dtype.is_temporal():
        return held.cast(pl.Datetime("us"), strict=False).dt.epoch("us") / 1_000_000
    return held if held.dtype.is_numeric() else seconds(text)
