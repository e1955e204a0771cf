"""Texts read from a table turned into typed columns, each with a stated reason; nothing is changed in silence."""

import polars as pl
from msgspec import Struct

from roadworthy.declare.data import Column
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_NUMBERS = ("continuous", "discrete")
_INTEGER = r"^[-+]?\d{1,18}$"
_PADDED = r"^[-+]?0\d"
_NUMBER = r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?$"
_DATE = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?)?$"
_SHAPES = ((_NUMBER, "continuous", "all values are numbers"), (_DATE, "datetime", "all values are ISO dates"))
_LONG_TEXT = 40
_MANY = 20
_MICRO = 1_000_000
_SHOWN = 10


class Typed(Struct, frozen=True):
    """One column with its scale and the reason for it."""

    values: pl.Series
    scale: str
    reason: str
    findings: list[Finding]


def type_column(texts: pl.Series, declared: Column | None, keys: pl.Series) -> Typed:
    """Decode, then type a column of texts by its declared or inferred scale.

    A value that is no number where the scale asks for one becomes missing, with a finding that names its rows.

    Args:
        texts: strings; null is missing.
        declared: what the user said of it.
        keys: the rows' keys, for findings.

    >>> typed = type_column(pl.Series("n", ["1", "2", None, "7"]), None, pl.Series(["a", "b", "c", "d"]))
    >>> typed.values.to_list(), typed.scale, typed.reason
    ([1, 2, None, 7], 'discrete', 'all values are whole numbers')
    """
    declared = declared or Column()
    findings: list[Finding] = []
    if declared.codes:
        texts, findings = _decoded(texts, declared.codes, keys)
    scale, reason = _scale_of(texts, declared)
    values, bad = _cast(texts, scale)
    if bad.any():
        findings.append(_unreadable(texts, bad, scale, keys=keys))
    return Typed(values, scale, reason, findings)


def infer_scale(texts: pl.Series) -> tuple[str, str]:
    """The scale of a column of texts, and why.

    >>> infer_scale(pl.Series(["007", "008"]))
    ('nominal', 'numbers with leading zeros are codes')
    """
    present = texts.drop_nulls()
    if present.is_empty():
        return "nominal", "it holds no value"
    if present.str.contains(_INTEGER).all():
        return _infer_integer(present, present.n_unique())
    for pattern, scale, reason in _SHAPES:
        if present.str.contains(pattern).all():
            return scale, reason
    return _infer_words(present, present.n_unique())


def _scale_of(texts: pl.Series, declared: Column) -> tuple[str, str]:
    if declared.scale:
        return declared.scale, "declared"
    if declared.codes:
        return "binary" if texts.drop_nulls().n_unique() == 2 else "nominal", "it has declared codes"
    return infer_scale(texts)


def _infer_words(present: pl.Series, distinct: int) -> tuple[str, str]:
    if distinct == 2:
        return "binary", "it holds two values"
    if distinct == present.len() >= _MANY and not present.str.contains(" ").any():
        return "identifier", "every value is another one"
    if present.str.len_chars().sum() > _LONG_TEXT * present.len():
        return "text", "values are long"
    return "nominal", f"it holds {plural(distinct, 'distinct word')}"


def _infer_integer(present: pl.Series, distinct: int) -> tuple[str, str]:
    if present.str.contains(_PADDED).any():
        return "nominal", "numbers with leading zeros are codes"
    if distinct == 2:
        return "binary", "it holds two values"
    numbers = present.cast(pl.Int64)
    if distinct == present.len() >= _MANY and (numbers.diff().drop_nulls() == 1).all():
        return "identifier", "it counts the rows"
    return "discrete", "all values are whole numbers"


def _decoded(texts: pl.Series, codes: dict[str, str], keys: pl.Series) -> tuple[pl.Series, list[Finding]]:
    decoded = texts.replace_strict(codes, default=texts, return_dtype=pl.String)
    unknown = texts.is_not_null() & ~texts.is_in(list({*codes, *codes.values()}))
    if not unknown.any():
        return decoded, []
    values = texts.filter(unknown).unique().sort().to_list()[:_SHOWN]
    count = int(unknown.sum())
    return decoded, [
        Finding(
            check="data.codes",
            subject=texts.name,
            verdict=Verdict.FAIL,
            summary=f"{plural(count, 'value')} of {texts.name} not among the declared codes: {', '.join(values)}.",
            measured=float(count),
            unit="rows",
            evidence={"values": values, "rows": keys.filter(unknown).head(_SHOWN).to_list()},
            remedy=f"add the codes to [data.columns] {texts.name}",
        )
    ]


def _cast(texts: pl.Series, scale: str) -> tuple[pl.Series, pl.Series]:
    """Typed values, and where a present text could not be read."""
    if scale in _NUMBERS:
        numbers = _numbers(texts, scale)
    elif scale == "binary" and texts.drop_nulls().str.contains(_INTEGER).all() and not texts.drop_nulls().is_empty():
        numbers = texts.cast(pl.Int64, strict=False)
    elif scale == "datetime":
        numbers = seconds(texts)
    else:
        return texts, pl.Series(texts.name, [False]).new_from_index(0, texts.len())
    return numbers.alias(texts.name), texts.is_not_null() & numbers.is_null()


def _numbers(texts: pl.Series, scale: str) -> pl.Series:
    read = texts.str.strip_chars()
    numbers = read.cast(pl.Float64, strict=False)
    numbers = numbers.set(numbers.is_nan().fill_null(value=False) | numbers.is_infinite().fill_null(value=False), None)
    whole = read.cast(pl.Int64, strict=False)
    exact = scale == "discrete" and bool((whole.is_null() == numbers.is_null()).all())
    return whole if exact else numbers


def seconds(texts: pl.Series) -> pl.Series:
    """UTC seconds of ISO dates or Unix seconds; a time without a zone is read as UTC."""
    frame = texts.str.strip_chars().str.replace(" ", "T", literal=True).str.replace(r"Z$", "+00:00").to_frame("t")
    zoned = pl.col("t").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_unit="us").dt.epoch("us")
    plain = [
        pl.col("t").str.to_datetime(pattern, strict=False, time_unit="us").dt.epoch("us")
        for pattern in ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")
    ]
    day = pl.col("t").str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")).dt.epoch("us")
    unix = pl.col("t").cast(pl.Float64, strict=False)
    return frame.select(pl.coalesce(pl.coalesce(zoned, *plain, day) / _MICRO, unix).alias(texts.name))[texts.name]


def _unreadable(texts: pl.Series, bad: pl.Series, scale: str, *, keys: pl.Series) -> Finding:
    count = int(bad.sum())
    values = texts.filter(bad).unique().sort().to_list()[:_SHOWN]
    kind = "date" if scale == "datetime" else "number"
    return Finding(
        check="data.types",
        subject=texts.name,
        verdict=Verdict.FAIL,
        summary=f"{plural(count, 'value')} of {texts.name} {'is' if count == 1 else 'are'} no {kind} and "
        f"count as missing: {', '.join(values)}.",
        measured=float(count),
        unit="rows",
        evidence={"values": values, "rows": keys.filter(bad).head(_SHOWN).to_list()},
        remedy=f"declare the spelling as missing, or another scale for [data.columns] {texts.name}",
    )
