"""Numbers in the spellings that people use: plain, with thousands, a decimal comma, percent, a currency or a unit.

A spelling is read only where the values leave no choice. `1,234` alone may be twelve hundred or one and a quarter: such
a column stays text, and says so.
"""

from typing import Literal

import polars as pl
from msgspec import Struct

INTEGER = r"^[-+]?\d{1,18}$"
NUMBER = r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?$"
PADDED = r"^[-+]?0\d"
BARE_EXPONENT = r"^\d+[eE]\d+$"
_LONG = r"^[-+]?\d{19,}$"
_NOT_FINITE = r"^(?i:[-+]?(?:nan|inf|infinity))$"

_COMMA_GROUPS = r"^[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$"
_POINT_GROUPS = r"^[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$"
_SPACE_GROUPS = r"^[-+]?[1-9]\d{0,2}(?:[ \x{a0}\x{202f}'’]\d{3})+(?:[.,]\d+)?$"
_COMMA_DECIMAL = r"^[-+]?\d+,\d+$"
_WHOLE = r"^[-+]?\d+$"

_AFFIXED = (
    r"^(?P<sign>[-+]?)(?P<before>[$€£¥₹]|[A-Z]{3})? ?"
    r"(?P<body>[-+]?(?:\d[\d., \x{a0}\x{202f}'’]*\d|\d|[.,]\d+)(?:[eE][-+]?\d{1,3})?)"
    r"(?P<gap> ?)(?P<after>%|[$€£¥₹]|°?[A-Za-zµ²³°/]{1,12}\.?)?$"
)
_CODES = (
    "USD",
    "EUR",
    "GBP",
    "JPY",
    "CHF",
    "CAD",
    "AUD",
    "INR",
    "CNY",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "BRL",
)
_CURRENCIES = (*"$€£¥₹", *_CODES)
_UNITS = {
    spelling: unit
    for unit, spellings in {
        "oz": "oz ounce ounces",
        "lb": "lb lbs pound pounds",
        "kg": "kg kgs kilogram kilograms kilo kilos",
        "g": "g gram grams gr",
        "mg": "mg",
        "km": "km kms kilometer kilometers kilometre kilometres",
        "m": "m meter meters metre metres",
        "cm": "cm",
        "mm": "mm",
        "mi": "mi mile miles",
        "ft": "ft foot feet",
        "in": "inch inches",
        "l": "l liter liters litre litres",
        "ml": "ml",
        "s": "s sec secs second seconds",
        "ms": "ms",
        "min": "min mins minute minutes",
        "h": "h hr hrs hour hours",
        "d": "day days",
        "y": "yr yrs year years",
        "°C": "°c",
        "°F": "°f",
        "K": "kelvin",
        "B": "bytes",
        "KB": "kb",
        "MB": "mb",
        "GB": "gb",
        "W": "watt watts",
        "kW": "kw",
        "kWh": "kwh",
        "V": "volt volts",
        "Hz": "hz",
        "km/h": "km/h kmh kph",
        "mph": "mph",
        "bar": "bar",
        "hPa": "hpa",
    }.items()
    for spelling in spellings.split()
}
_MARKS = " \u00a0\u202f'’"
_LEAST_OF_A_WORD = 5

Mark = Literal["point", "comma"]


class Written(Struct, frozen=True, kw_only=True):
    """How a column writes its numbers.

    Attributes:
        form: `plain`, or in words what is beside it; for reasons and findings.
        unit: `%`, a currency or a unit, where all values carry the same one.
        decimal: the decimal mark.
        grouped: the mark between thousands, if one stands there.
        ambiguous: what cannot be told; nothing is read then.
    """

    form: str = "plain"
    unit: str = ""
    decimal: Mark = "point"
    grouped: str = ""
    ambiguous: str = ""


def how_written(values: pl.Series, counts: pl.Series) -> Written | None:
    """The spelling of distinct, present, trimmed values that all are numbers of one spelling; None if they are not.

    Args:
        counts: how often each value stands in the column.

    >>> how_written(pl.Series(["3,5", "12,25"]), pl.Series([1, 1])).decimal
    'comma'
    >>> how_written(pl.Series(["12 oz", "16 ounces"]), pl.Series([1, 1])).unit
    'oz'
    """
    if values.str.contains(NUMBER).all():
        return Written()
    parts = _parts(values)
    if parts is None:
        return None
    unit = _common_unit(parts, counts)
    if unit is None:
        return None
    here = parts.filter(parts["unit"] == unit)["body"].unique()
    marked = _marks(here) if not here.str.contains(PADDED).any() else None
    if marked is None:
        return None
    words = [f"in {unit}"] * bool(unit) + [f"thousands by {marked.grouped!r}"] * bool(marked.grouped)
    words += ["a decimal comma"] * (marked.decimal == "comma")
    return Written(
        form=", ".join(words) or "plain",
        unit=unit,
        decimal=marked.decimal,
        grouped=marked.grouped,
        ambiguous=marked.ambiguous,
    )


def read_numbers(texts: pl.Series, written: Written) -> pl.Series:
    """The numbers as plain texts (`-1234.5`); null where a value is not of this spelling."""
    stripped = texts.str.strip_chars()
    if written.form == "plain":
        return stripped.set(~stripped.str.contains(NUMBER).fill_null(value=False), None)
    parts = stripped.str.extract_groups(_AFFIXED).struct.unnest()
    unit = _unit_of(parts)
    body = parts["sign"].fill_null("") + parts["body"]
    for mark in written.grouped and (_MARKS if written.grouped in _MARKS else written.grouped):
        body = body.str.replace_all(mark, "", literal=True)
    if written.decimal == "comma":
        body = body.str.replace(",", ".", literal=True)
    fits = (unit == written.unit) & body.str.contains(NUMBER)
    return body.set(~fits.fill_null(value=False), None).alias(texts.name)


def too_long(values: pl.Series) -> bool:
    """Whether whole numbers stand here that no 64-bit integer holds."""
    return bool(values.str.contains(_LONG).any() and values.str.contains(_WHOLE).all())


def not_finite(values: pl.Series) -> pl.Series:
    """Where a text says that something is no number or infinite."""
    return values.str.contains(_NOT_FINITE)


def share_affixed(values: pl.Series, counts: pl.Series) -> float:
    """The share of values that are a number, alone or beside a percent sign, currency or known unit."""
    parts = values.str.extract_groups(_AFFIXED).struct.unnest()
    fits = _unit_of(parts).is_not_null().fill_null(value=False)
    return int(counts.filter(fits).sum()) / max(1, int(counts.sum()))


def _parts(values: pl.Series) -> pl.DataFrame | None:
    parts = values.str.extract_groups(_AFFIXED).struct.unnest()
    unit = _unit_of(parts)
    if unit.null_count():
        return None
    return pl.DataFrame({"body": parts["sign"].fill_null("") + parts["body"], "unit": unit})


def _unit_of(parts: pl.DataFrame) -> pl.Series:
    """The unit of each value: empty for a bare number, null where what stands there is no unit."""
    before, after = parts["before"].fill_null(""), parts["after"].fill_null("")
    word = after.str.strip_chars_end(".").str.to_lowercase()
    known = word.replace_strict(_UNITS, default=None, return_dtype=pl.String)
    spaced = parts["gap"].fill_null("") == " "
    frame = pl.DataFrame(
        {"b": before, "a": after, "word": word, "known": known, "spaced": spaced, "body": parts["body"]}
    )
    unit = (
        pl.when(pl.col("body").is_null())
        .then(None)
        .when((pl.col("b") == "") & (pl.col("a") == ""))
        .then(pl.lit(""))
        .when(pl.col("b").is_in(_CURRENCIES) & (pl.col("a") == ""))
        .then(pl.col("b"))
        .when((pl.col("b") == "") & pl.col("a").is_in(["%", *_CURRENCIES]))
        .then(pl.col("a"))
        .when((pl.col("b") == "") & pl.col("known").is_not_null())
        .then(pl.col("known"))
        .when((pl.col("b") == "") & pl.col("spaced") & (pl.col("word").str.len_chars() >= _LEAST_OF_A_WORD))
        .then(pl.col("word"))
    )
    return frame.select(unit.alias("unit"))["unit"]


def _common_unit(parts: pl.DataFrame, counts: pl.Series) -> str | None:
    """The unit that all values have, or that most have where the others are numbers of another one."""
    held = parts.with_columns(counts.alias("n")).group_by("unit").agg(pl.col("n").sum()).sort("n", descending=True)
    units = held["unit"].to_list()
    return units[0] if 2 * held["n"][0] > int(held["n"].sum()) else None


class _Marked(Struct, frozen=True):
    decimal: Mark = "point"
    grouped: str = ""
    ambiguous: str = ""


def _marks(bodies: pl.Series) -> _Marked | None:  # noqa: PLR0911  # one answer a spelling
    """Which mark is the decimal one, and which stands between thousands."""
    if bodies.str.contains(NUMBER).all():
        return _Marked()
    odd = bodies.filter(~bodies.str.contains(_WHOLE))
    if odd.str.contains(_COMMA_GROUPS).all():
        sure = odd.str.contains(r",\d{3}[,.]").any()
        said = "whether the comma stands between thousands or before decimals"
        return _Marked(grouped=",") if sure else _Marked(ambiguous=said)
    if bodies.filter(~bodies.str.contains(NUMBER)).str.contains(_COMMA_GROUPS).all():
        return _Marked(grouped=",")
    if odd.str.contains(_COMMA_DECIMAL).all():
        return _Marked(decimal="comma")
    if odd.str.contains(_POINT_GROUPS).all():
        return _Marked(decimal="comma", grouped=".")
    if odd.str.contains(_SPACE_GROUPS).all():
        comma = bool(odd.str.contains(",", literal=True).any())
        return _Marked(decimal="comma" if comma else "point", grouped=" ")
    mixed = rf"(?:{_POINT_GROUPS})|(?:{_COMMA_DECIMAL})"
    if odd.str.contains(mixed).all():
        return _Marked(decimal="comma", grouped=".")
    return None
