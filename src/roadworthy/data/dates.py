"""Dates and times in the spellings that people use; the order of day and month is decided by the data or not at all."""

import re
from collections.abc import Callable

import polars as pl
from msgspec import Struct

_MICRO = 1_000_000
_FEW = 100
_ZONE = r"(?:Z|[-+]\d{2}:?\d{2})"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?"
_MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\.?,? )?"

ISO = rf"^\d{{4}}-\d{{2}}-\d{{2}}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?{_ZONE}?)?$"
"""What every reader of dates understands."""

_PARTS = rf"^(\d{{1,2}})([-/.])(\d{{1,2}})[-/.](\d{{4}}|\d{{2}})(?:,?[T ]{_CLOCK})?$"
_YEAR_FIRST = rf"^\d{{4}}([-/.])\d{{1,2}}[-/.]\d{{1,2}}(?:[T ]{_CLOCK}{_ZONE}?)?$"
_YEAR_MONTH = r"^(?:1[89]|20|21)\d{2}[-/](?:0[1-9]|1[0-2])$"
_DAY_NAMED = rf"^(?i:{_WEEKDAY}\d{{1,2}}[- /]{_MONTHS}[- /,]? ?(?:\d{{4}}|\d{{2}})(?:[,T ] ?{_CLOCK})?)$"
_MONTH_NAMED = rf"^(?i:{_WEEKDAY}{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}(?:,? {_CLOCK})?)$"
_MAIL = rf"^(?i:{_WEEKDAY}\d{{1,2}} {_MONTHS} \d{{4}} \d{{2}}:\d{{2}}(?::\d{{2}})? [-+]\d{{4}}(?: \([A-Za-z ]+\))?)$"
_LOG = rf"^(?i:\d{{2}}/{_MONTHS}/\d{{4}}:\d{{2}}:\d{{2}}:\d{{2}} [-+]\d{{4}})$"
_MONTH_AND_YEAR = rf"^(?i:{_MONTHS}[- ]\d{{4}})$"


class DateForm(Struct, frozen=True, kw_only=True):
    """How a column writes its dates.

    Attributes:
        name: in words, for reasons and findings.
        sure: in [0, 1], how sure the reading is.
        ambiguous: it cannot be told whether the day or the month comes first; nothing is read then.
    """

    name: str
    pattern: str
    read: Callable[[pl.Series], pl.Series]
    sure: float = 1.0
    ambiguous: bool = False


def seconds(texts: pl.Series) -> pl.Series:
    """UTC seconds of ISO dates or Unix seconds; a time without a zone is read as UTC.

    >>> seconds(pl.Series(["1970-01-02", "1970-01-01T00:01:00+00:00", "x", None])).to_list()
    [86400.0, 60.0, None, None]
    """
    unix = texts.str.strip_chars().cast(pl.Float64, strict=False)
    return pl.select(pl.coalesce(_iso(texts), unix)).to_series().alias(texts.name)


def date_form(values: pl.Series) -> DateForm | None:
    """The one spelling that all these (distinct, present, trimmed) values have, if there is one.

    >>> date_form(pl.Series(["31/12/2020", "01/02/2021"])).name
    'day/month/year'
    >>> date_form(pl.Series(["02/03/2020", "01/02/2021"])).ambiguous
    True
    """
    if not values.head(100).str.contains(r"\d").all():
        return None
    if _all(values, ISO):
        return DateForm(name="ISO dates", pattern=ISO, read=_iso)
    for form in _FORMS:
        if _all(values, form.pattern):
            return form
    return _by_parts(values) if _all(values, _PARTS) else None


def _all(values: pl.Series, pattern: str) -> bool:
    """Whether all are of a pattern; a few are looked at first, since mostly they are not."""
    return bool(values.head(_FEW).str.contains(pattern).all() and values.str.contains(pattern).all())


def formatted(pattern: str) -> DateForm:
    """Dates in a declared strptime pattern, such as `%d/%m/%Y`."""
    return DateForm(name=pattern, pattern="", read=lambda texts: _any(texts.str.strip_chars(), [pattern]))


def packed_days(values: pl.Series) -> bool:
    """Whether texts are days written as eight digits, such as 20200131; the years 1900 to 2100 count."""
    if not _all(values, r"^(?:19|20)\d{6}$"):
        return False
    return values.str.to_date("%Y%m%d", strict=False).is_not_null().all()


def read_packed(texts: pl.Series) -> pl.Series:
    """UTC seconds of days written as eight digits."""
    return _any(texts.str.strip_chars(), ["%Y%m%d"])


def temporal_seconds(values: pl.Series) -> pl.Series:
    """Seconds of dates, moments (UTC), durations and times of day, exact to the microsecond near today.

    >>> from datetime import date
    >>> temporal_seconds(pl.Series([date(1970, 1, 2)])).to_list()
    [86400.0]
    """
    if values.dtype == pl.Time():
        return values.cast(pl.Int64) / 1e9
    if isinstance(values.dtype, pl.Duration):
        return values.dt.total_microseconds() / 1e6
    return values.cast(pl.Datetime("us", getattr(values.dtype, "time_zone", None))).dt.epoch("us") / 1e6


def _by_parts(values: pl.Series) -> DateForm | None:
    """Numbers only: which comes first is told by a number above twelve, or by the full stop of the German spelling."""
    parts = values.str.extract_groups(_PARTS).struct.unnest()
    first, second = parts[parts.columns[0]].cast(pl.Int32), parts[parts.columns[2]].cast(pl.Int32)
    marks = parts[parts.columns[1]].unique().to_list()
    high_first, high_second = bool((first > 12).any()), bool((second > 12).any())
    if len(marks) > 1 or (high_first and high_second):
        return _undecided("both orders occur" if len(marks) == 1 else "several separators occur")
    if high_first or (marks == ["."] and not high_second):
        return _ordered("%d", "%m", marks[0], sure=0.95 if high_first else 0.8)
    if high_second:
        return _ordered("%m", "%d", marks[0], sure=0.95)
    return _undecided("no day is above 12")


def _undecided(why: str) -> DateForm:
    return DateForm(
        name=f"dates whose day and month cannot be told apart ({why})",
        pattern=_PARTS,
        read=lambda texts: pl.Series(texts.name, [None] * texts.len(), dtype=pl.Float64),
        sure=0.5,
        ambiguous=True,
    )


def _ordered(first: str, second: str, mark: str, *, sure: float) -> DateForm:
    words = {"%d": "day", "%m": "month"}
    days = [f"{first}{mark}{second}{mark}{year}" for year in ("%Y", "%y")]
    name = f"{words[first]}{mark}{words[second]}{mark}year"
    return DateForm(name=name, pattern=_PARTS, read=lambda texts: _dated(texts, days), sure=sure)


def _dated(texts: pl.Series, days: list[str]) -> pl.Series:
    """Days in these patterns, with or without a time of day."""
    plain = texts.str.strip_chars().str.replace(r"^([^ T]+?),?[T ]", "${1} ")
    plain = plain.str.replace(r"(?i)\s*([ap])\.?m\.?$", " ${1}m").str.to_uppercase()
    clocks = ("", " %H:%M:%S%.f", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
    # %Y reads two digits as the first century, so a year of two digits must come as %y alone
    short = texts.str.strip_chars().str.contains(r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(?:\D|$)")
    long = _any(plain, [day + clock for day in days if "%y" not in day for clock in clocks])
    brief = _any(plain, [day + clock for day in days if "%y" in day for clock in clocks])
    frame = pl.DataFrame({"s": short, "l": long, "b": brief})
    return frame.select(pl.when("s").then("b").otherwise("l")).to_series().alias(texts.name)


def _any(texts: pl.Series, patterns: list[str]) -> pl.Series:
    """UTC seconds by the first pattern that reads a text; a pattern with %z gives the moment."""
    frame = texts.alias("t").to_frame()
    readings = [
        pl.col("t").str.to_date(pattern, strict=False).cast(pl.Datetime("us")).dt.epoch("us")
        if not re.search(r"%[HI]", pattern)
        else pl.col("t").str.to_datetime(pattern, strict=False, time_unit="us").dt.epoch("us")
        for pattern in patterns
    ]
    return frame.select(pl.coalesce(readings) / _MICRO).to_series().alias(texts.name)


def _iso(texts: pl.Series) -> pl.Series:
    plain = texts.str.strip_chars().str.replace(" ", "T", literal=True).str.replace(r"Z$", "+00:00")
    patterns = ["%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M%:z", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]
    return _any(plain, patterns)


def _year_first(texts: pl.Series) -> pl.Series:
    return _iso(
        texts.str.strip_chars()
        .str.replace(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", "${1}-0${2}-0${3}")
        .str.replace(r"^(\d{4})-0?(\d{2})-0?(\d{2})", "${1}-${2}-${3}")
    )


def _named(texts: pl.Series) -> pl.Series:
    """Months in words: the words are cut to three letters, weekdays and ordinal endings taken off."""
    plain = (
        texts.str.strip_chars().str.replace(rf"(?i)^{_WEEKDAY}", "").str.replace(r"(?i)(\d)(?:st|nd|rd|th)\b", "${1}")
    )
    plain = plain.str.replace(r"(?i)(^|[^a-z])([a-z]{3})[a-z]{0,6}\.?", "${1}${2}").str.replace_all(r"[-/,]", " ")
    plain = plain.str.replace(r"T(\d{1,2}:)", " ${1}").str.replace_all(r"\s+", " ")
    plain = plain.str.replace(r"(?i)\s*([ap])\.?m\.?$", " ${1}m")
    short = plain.str.contains(r"^\d{1,2} \S+ \d{2}(?: |$)")
    clocks = ("", " %H:%M:%S%.f", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
    long = _any(plain, [day + clock for day in ("%d %b %Y", "%b %d %Y") for clock in clocks])
    brief = _any(plain, ["%d %b %y" + clock for clock in clocks])
    frame = pl.DataFrame({"s": short, "l": long, "b": brief})
    return frame.select(pl.when("s").then("b").otherwise("l")).to_series().alias(texts.name)


def _mail(texts: pl.Series) -> pl.Series:
    plain = texts.str.strip_chars().str.replace(rf"(?i)^{_WEEKDAY}", "").str.replace(r" \([A-Za-z ]+\)$", "")
    return _any(plain, ["%d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M %z"])


def _month(texts: pl.Series) -> pl.Series:
    return _any(texts.str.strip_chars().str.replace("/", "-", literal=True) + "-01", ["%Y-%m-%d"])


def _month_words(texts: pl.Series) -> pl.Series:
    plain = texts.str.strip_chars().str.replace(r"(?i)^([a-z]{3})[a-z]*\.?[- ]", "${1} ")
    return _any("01 " + plain, ["%d %b %Y"])


_FORMS = (
    DateForm(name="dates, the year first", pattern=_YEAR_FIRST, read=_year_first),
    DateForm(name="months of years", pattern=_YEAR_MONTH, read=_month, sure=0.9),
    DateForm(name="dates as in mail", pattern=_MAIL, read=_mail),
    DateForm(name="dates as in web logs", pattern=_LOG, read=lambda texts: _any(texts, ["%d/%b/%Y:%H:%M:%S %z"])),
    DateForm(name="dates with the month in words", pattern=_DAY_NAMED, read=_named),
    DateForm(name="dates with the month in words", pattern=_MONTH_NAMED, read=_named),
    DateForm(name="months of years, in words", pattern=_MONTH_AND_YEAR, read=_month_words),
)
