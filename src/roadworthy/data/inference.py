"""What a column measures, judged by its values and its name, with the reason and how sure we are.

Values come first: what cannot be a number is none. Names decide where values cannot: 10115 is a number of inhabitants
or a postcode. Nothing here converts a value.
"""

from typing import Literal

import polars as pl
from msgspec import Struct

from roadworthy.data.dates import DateForm, date_form, packed_days
from roadworthy.data.hints import AMOUNTS, CODES, IDENTIFIERS, hints, said
from roadworthy.data.numerals import of_integers, of_numbers
from roadworthy.data.orders import known_order
from roadworthy.data.written import (
    BARE_EXPONENT,
    INTEGER,
    NUMBER,
    PADDED,
    Written,
    how_written,
    not_finite,
    share_affixed,
    too_long,
)
from roadworthy.kernel.units import plural

Type = Literal["whole number", "number", "date", "truth", "text", "list or record", "bytes"]

_MANY = 20
_FEW = 60
_LONG_TEXT = 40
_MANY_SENTENCES = 200
_LOOKED_AT = 400
_SPREAD = 5_000
_WORDY = 4.0
_NEARLY_ALL_UNITS = 0.9
_NEARLY_ALL = 0.95
_MOST = 0.5
_STRAY_WORDS = 3
_TRUTHS = (frozenset(("true", "false")), frozenset(("yes", "no")), frozenset(("t", "f")), frozenset(("y", "n")))
_MISSING = """
- -- . .. ? n/a na nan none null nil empty unknown missing #n/a #na unk undefined blank (null) (blank) <na> n.a. n.d.
"""
MISSING_WORDS = frozenset((*_MISSING.split(), "", "not available", "not applicable", "no data"))
"""Words that stand for a missing value among numbers or dates, in small letters."""


class Inferred(Struct, frozen=True, kw_only=True):
    """What a column measures.

    Attributes:
        scale: see `kernel.scales`.
        reason: why, in a few words.
        confidence: in [0, 1]; how often such a judgement is right, roughly: 1 where values leave no choice.
        type: what the values are once they are typed.
        order: values in ascending order, where the scale is ordinal and the order is known.
        unit: `%`, a currency or a unit, where it stands beside every number.
    """

    scale: str
    reason: str
    confidence: float
    type: Type = "text"
    order: tuple[str, ...] = ()
    unit: str = ""


class Judged(Struct, frozen=True, kw_only=True):
    """What a column of texts is, and how its values are read."""

    inferred: Inferred
    numbers: Written | None = None
    dates: DateForm | None = None
    packed: bool = False
    doubt: str = ""


class Words(Struct, frozen=True):
    """The distinct trimmed values of a column and how often each stands in it; those that say *missing* left out."""

    name: str
    values: pl.Series
    counts: pl.Series
    rows: int

    @property
    def hints(self) -> frozenset[str]:
        """What the column's name says."""
        return hints(self.name)

    def share(self, hit: pl.Series) -> float:
        """Which share of the rows has these values."""
        return float(self.counts.filter(hit).sum() / max(1, self.rows))

    def only(self, hit: pl.Series) -> "Words":
        """The values that are hit."""
        counts = self.counts.filter(hit)
        return Words(self.name, self.values.filter(hit), counts, int(counts.sum()))


def judge(texts: pl.Series) -> Judged:
    """What a column of texts measures; its name counts as evidence.

    >>> judge(pl.Series("zip", ["10115", "80331", "50667", "10115"])).inferred.scale
    'nominal'
    >>> judge(pl.Series("inhabitants", ["10115", "80331", "50667", "10115"])).inferred.scale
    'discrete'
    """
    everything = _words(texts)
    if not everything.rows:
        return Judged(inferred=Inferred(scale="nominal", reason="it holds no value", confidence=0.0))
    present = _without_missing(everything)
    return _of_dates(present) or _of_numerals(present, texts) or _of_words(everything, texts)


def infer(column: pl.Series) -> Inferred:
    """What a column of any type measures.

    >>> infer(pl.Series("paid", [True, False])).type
    'truth'
    """
    if column.dtype == pl.String():
        return judge(column).inferred
    present = column.drop_nulls()
    if present.is_empty():
        return Inferred(scale="nominal", reason="it holds no value", confidence=0.0)
    return _of_typed(present)


def _of_typed(present: pl.Series) -> Inferred:
    kind = present.dtype
    if kind == pl.Boolean():
        return Inferred(scale="binary", reason="it holds truths", confidence=1.0, type="truth")
    if kind.is_temporal():
        scale = "continuous" if isinstance(kind, pl.Duration | pl.Time) else "datetime"
        said_type: Type = "number" if scale == "continuous" else "date"
        return Inferred(scale=scale, reason=f"its type is {_type_word(kind)}", confidence=1.0, type=said_type)
    if kind.is_numeric():
        return _of_typed_numbers(present)
    if isinstance(kind, pl.Enum):
        order = tuple(kind.categories.to_list())
        if known_order(order) == order:
            return Inferred(scale="ordinal", reason="its type has a known order", confidence=0.95, order=order)
    if kind.is_nested() or kind == pl.Binary():
        word: Type = "list or record" if kind.is_nested() else "bytes"
        return Inferred(scale="text", reason=f"its type is {_type_word(kind)}", confidence=1.0, type=word)
    return judge(present.cast(pl.String)).inferred


def _of_typed_numbers(present: pl.Series) -> Inferred:
    if present.dtype.is_integer():
        judged = of_integers(present.cast(pl.Int64, strict=False).drop_nulls(), present.name)
    else:
        judged = of_numbers(present.cast(pl.Float64), present.name)
    kind: Type = "whole number" if present.dtype.is_integer() else "number"
    return Inferred(scale=judged.scale, reason=judged.reason, confidence=judged.confidence, type=kind)


def _words(texts: pl.Series) -> Words:
    held = texts.drop_nulls().str.strip_chars().alias("v").value_counts(name="n")
    return Words(texts.name, held["v"], held["n"], texts.len() - texts.null_count())


def _without_missing(words: Words) -> Words:
    """A column of some length may have its own words for missing values; a short one gives no evidence of that."""
    if words.rows < _MANY:
        return words
    blank = words.values.str.to_lowercase().is_in(sorted(MISSING_WORDS)) | not_finite(words.values)
    return words if blank.all() else words.only(~blank)


def _of_dates(words: Words) -> Judged | None:
    if words.hints & CODES:
        return None
    form = date_form(words.values)
    if form is None and words.rows >= _MANY:
        form = _mostly_dates(words)
    if form is None:
        if not words.hints & {"date", "day", "dt", "datum", "ymd"} or not packed_days(words.values):
            return None
        reason = "its name says date, and all values are days of eight digits"
        return Judged(inferred=_dated(reason, 0.9), packed=True)
    if form.ambiguous:
        inferred = Inferred(scale="nominal", reason=f"it holds {form.name}: declare their format", confidence=0.5)
        return Judged(inferred=inferred, doubt=f"are {form.name}")
    return Judged(inferred=_dated(f"all values are {form.name}", form.sure), dates=form)


def _mostly_dates(words: Words) -> DateForm | None:
    """The spelling of a column in which few values are no date at all."""
    shape = r"\d{1,4}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/. ,]+\d{1,4}"
    if words.values.gather_every(max(1, len(words.values) // _LOOKED_AT)).str.contains(shape).mean() < _MOST:  # type: ignore[operator]  # a share
        return None
    shaped = words.values.str.contains(shape)
    if not shaped.any() or words.share(shaped) < _NEARLY_ALL or shaped.all():
        return None
    return date_form(words.values.filter(shaped))


def _dated(reason: str, confidence: float) -> Inferred:
    return Inferred(scale="datetime", reason=reason, confidence=confidence, type="date")


def _of_numerals(words: Words, texts: pl.Series) -> Judged | None:
    """A column of numbers, in whatever spelling; codes among them stay text."""
    code = _written_as_codes(words, texts)
    if code is not None:
        return Judged(inferred=code)
    written = how_written(words.values, words.counts)
    numeric = words
    if written is None and not words.hints & (CODES | IDENTIFIERS):
        numeric = _most_numbers(words)
        written = how_written(numeric.values, numeric.counts) if numeric.rows else None
    if written is None:
        return None
    if written.ambiguous:
        reason = f"it cannot be told {written.ambiguous}"
        inferred = Inferred(scale="nominal", reason=reason, confidence=0.4)
        return Judged(inferred=inferred, doubt=f"are numbers of which {reason}")
    return Judged(inferred=_measured(numeric, written, texts, whole=words), numbers=written)


def _written_as_codes(words: Words, texts: pl.Series) -> Inferred | None:
    digits = words.values.str.contains(r"^[-+]?\d+$")
    if not digits.all():
        exponents = words.values.str.contains(BARE_EXPONENT)
        bare = exponents.any() and (digits | exponents).all()
        reason = "numbers with an exponent and no decimals are codes"
        return Inferred(scale="nominal", reason=reason, confidence=0.6) if bare else None
    unique = len(words.values) == words.rows >= _MANY
    if words.values.str.contains(PADDED).any():
        scale = "identifier" if unique and words.hints & IDENTIFIERS else "nominal"
        return Inferred(scale=scale, reason="numbers with leading zeros are codes", confidence=0.95)
    if too_long(words.values):
        scale = "identifier" if unique else "nominal"
        return Inferred(scale=scale, reason="whole numbers of more than 18 digits are codes", confidence=0.9)
    return None


def _most_numbers(words: Words) -> Words:
    """The numbers of a column in which nearly all values, or all but a few words, are numbers."""
    plain = words.values.str.contains(NUMBER)
    if words.share(plain) > _MOST and share_affixed(words.values, words.counts) >= _NEARLY_ALL:
        return words.only(plain)
    affixed = words.values.str.contains(r"^[-+$€£¥₹ ]*\d[\d.,]*\s?[^\s\d]*$")
    united = words.values.str.contains(r"^[-+]?\d[\d.,]*\s?(?:%|[^\s\d]+\.?)$")
    least = _NEARLY_ALL_UNITS if words.share(united) > _MOST else _NEARLY_ALL
    if words.rows < _MANY or words.share(affixed) < least:
        return words.only(plain & ~plain)
    stray = words.values.filter(~affixed)
    with_digits = stray.str.contains(r"\d").any()
    if least == _NEARLY_ALL and stray.len() > _STRAY_WORDS and words.share(affixed) < 0.99 and with_digits:
        return words.only(plain & ~plain)
    return words.only(affixed)


def _measured(numeric: Words, written: Written, texts: pl.Series, *, whole: Words) -> Inferred:
    """The scale of numbers in a known spelling."""
    beside = "" if written.form == "plain" else f", {written.form}"
    integers = written.form == "plain" and bool(numeric.values.str.contains(INTEGER).all())
    if integers:
        # in the order of the rows: a running number is told by it
        inside = texts.str.strip_chars()
        inside = inside.filter(inside.str.contains(INTEGER).fill_null(value=False)).cast(pl.Int64)
        judged = of_integers(inside, numeric.name)
    elif written.form == "plain":
        plain = numeric.only(numeric.values.str.contains(NUMBER))
        figures = plain.values.cast(pl.Float64)
        judged = of_numbers(figures.gather(_spread(plain)) if len(figures) < _SPREAD else figures, numeric.name)
    elif whole.values.str.contains(r"\d[.,]\d").any() or written.unit == "%":
        return _quantity("continuous", f"all values are numbers{beside}", written.unit)
    else:
        return _quantity("discrete", f"all values are whole numbers{beside}", written.unit)
    kind: Type = "whole number" if integers else "number"
    sure = judged.confidence
    return Inferred(scale=judged.scale, reason=judged.reason, confidence=sure, type=kind, unit=written.unit)


def _quantity(scale: str, reason: str, unit: str) -> Inferred:
    return Inferred(scale=scale, reason=reason, confidence=0.85, type="number", unit=unit)


def _spread(words: Words) -> pl.Series:
    """Positions of the values, each as often as it stands in the column."""
    return pl.int_range(len(words.values), eager=True).repeat_by(words.counts).explode()


def _of_words(words: Words, texts: pl.Series) -> Judged:
    return Judged(inferred=_worded(words, texts))


def _worded(words: Words, texts: pl.Series) -> Inferred:
    distinct, rows = len(words.values), words.rows
    real = words.only(~words.values.str.to_lowercase().is_in(sorted(MISSING_WORDS)))
    if distinct == 2:
        truths = frozenset(words.values.str.to_lowercase().to_list()) in _TRUTHS
        return Inferred(scale="binary", reason="it holds two values", confidence=0.98 if truths else 0.9)
    if 2 < distinct <= _FEW and (order := known_order(words.values.to_list()) or known_order(real.values.to_list())):
        return Inferred(scale="ordinal", reason="its values have a known order", confidence=0.9, order=order)
    repeats = 1 - distinct / rows
    spaced = _average(real, real.values.str.count_matches(r"\s+"))
    if repeats <= 0.01 and rows >= _MANY and spaced < 0.1:
        return Inferred(scale="identifier", reason="every value is another one", confidence=0.85)
    length = _average(real, real.values.str.len_chars())
    if length > _LONG_TEXT and (repeats < 0.8 or distinct > _MANY_SENTENCES):
        return Inferred(scale="text", reason="values are long, and most differ", confidence=0.9)
    if spaced + 1 > _WORDY and repeats < 0.5:
        return Inferred(scale="text", reason="values are sentences, and most differ", confidence=0.8)
    sure = 0.6 if words.hints & (IDENTIFIERS | AMOUNTS) else 0.9
    by_name = f" (its name says {said(words.hints, CODES)})" if words.hints & CODES else ""
    reason = f"it holds {plural(distinct, 'distinct word')}{by_name}"
    return Inferred(scale="nominal", reason=reason, confidence=sure)


def _average(words: Words, figures: pl.Series) -> float:
    return float((figures * words.counts).sum()) / max(1, words.rows)


def _type_word(kind: pl.DataType) -> str:
    return type(kind).__name__.lower()
