"""Columns read from a table turned into typed ones, each with a stated reason; nothing is changed in silence."""

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from roadworthy.data.dates import read_packed, seconds, temporal_seconds
from roadworthy.data.inference import MISSING_WORDS, Inferred, Judged, infer, judge
from roadworthy.data.texts import as_texts
from roadworthy.data.written import INTEGER, Written, read_numbers
from roadworthy.declare.data import Column
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_NUMBERS = ("continuous", "discrete")
_SHOWN = 10


__all__ = ["Typed", "infer_scale", "seconds", "type_column"]


class Typed(Struct, frozen=True):
    """One column with its scale and the reason for it."""

    values: pl.Series
    scale: str
    reason: str
    findings: list[Finding]
    inferred: Inferred


def type_column(values: pl.Series, declared: Column | None, keys: pl.Series) -> Typed:
    """Decode, then type a column by its declared or inferred scale.

    A value that is no number where the scale asks for one becomes missing, with a finding that names its rows. What has
    a type already keeps it; moments become UTC seconds.

    Args:
        values: texts, or values of any type; null is missing.
        declared: what the user said of it.
        keys: the rows' keys, for findings.

    >>> typed = type_column(pl.Series("n", ["1", "2", None, "7"]), None, pl.Series(["a", "b", "c", "d"]))
    >>> typed.values.to_list(), typed.scale, typed.reason
    ([1, 2, None, 7], 'discrete', 'all values are whole numbers')
    """
    declared = declared or Column()
    if values.dtype != pl.String() and not declared.codes:
        return _of_type(values, declared, keys)
    texts = values if values.dtype == pl.String() else as_texts(values.to_frame()).to_series()
    findings: list[Finding] = []
    if declared.codes:
        texts, findings = _decoded(texts, declared.codes, keys)
    judged = _judged(texts, declared)
    scale = judged.inferred.scale
    if judged.doubt and not declared.scale:
        findings.append(_doubtful(texts, judged.doubt, keys))
    typed, bad = _cast(texts, judged)
    if bad.any():
        findings.append(_unreadable(texts, bad, scale, keys=keys))
    return Typed(typed, scale, judged.inferred.reason, findings, judged.inferred)


def infer_scale(texts: pl.Series) -> tuple[str, str]:
    """The scale of a column of texts, and why.

    >>> infer_scale(pl.Series(["007", "008"]))
    ('nominal', 'numbers with leading zeros are codes')
    """
    inferred = infer(texts)
    return inferred.scale, inferred.reason


def _judged(texts: pl.Series, declared: Column) -> Judged:
    """What was declared, read in the spelling that the values have."""
    if declared.codes and not declared.scale:
        scale = "binary" if texts.drop_nulls().n_unique() == 2 else "nominal"
        return Judged(inferred=Inferred(scale=scale, reason="it has declared codes", confidence=1.0))
    judged = judge(texts)
    if not declared.scale:
        return judged
    order = declared.order or judged.inferred.order
    inferred = replace(judged.inferred, scale=declared.scale, reason="declared", confidence=1.0, order=order)
    return replace(judged, inferred=inferred)


def _cast(texts: pl.Series, judged: Judged) -> tuple[pl.Series, pl.Series]:
    """Typed values, and where a present text could not be read."""
    scale = judged.inferred.scale
    if scale in _NUMBERS:
        numbers = _numbers(texts, scale, judged.numbers)
    elif scale == "datetime":
        numbers = _seconds(texts, judged)
    elif scale in ("binary", "ordinal") and judged.inferred.type == "whole number" and _all_whole(texts):
        numbers = texts.str.strip_chars().cast(pl.Int64, strict=False)
    else:
        return texts, pl.Series(texts.name, [False]).new_from_index(0, texts.len())
    return numbers.alias(texts.name), texts.is_not_null() & numbers.is_null()


def _all_whole(texts: pl.Series) -> bool:
    present = texts.drop_nulls()
    return bool(present.len() and present.str.contains(INTEGER).all())


def _numbers(texts: pl.Series, scale: str, written: Written | None) -> pl.Series:
    known = written is not None and not written.ambiguous
    read = read_numbers(texts, written) if known and written else texts.str.strip_chars()
    numbers = read.cast(pl.Float64, strict=False)
    numbers = numbers.set(numbers.is_nan().fill_null(value=False) | numbers.is_infinite().fill_null(value=False), None)
    if scale != "discrete":
        return numbers
    whole = read.cast(pl.Int64, strict=False)
    return whole if bool((whole.is_null() == numbers.is_null()).all()) else numbers


def _seconds(texts: pl.Series, judged: Judged) -> pl.Series:
    if judged.packed:
        return read_packed(texts)
    if judged.dates is not None and not judged.dates.ambiguous:
        return judged.dates.read(texts)
    return seconds(texts)


def _of_type(values: pl.Series, declared: Column, keys: pl.Series) -> Typed:
    """A column that came with a type."""
    inferred = infer(values)
    if declared.scale:
        inferred = replace(inferred, scale=declared.scale, reason="declared", confidence=1.0)
    if inferred.scale in _NUMBERS and values.dtype.is_nested():
        return type_column(as_texts(values.to_frame()).to_series(), declared, keys)
    findings: list[Finding] = []
    typed = _plain(values)
    lost = values.is_not_null() & typed.is_null()
    if lost.any():
        findings.append(_unreadable(values.cast(pl.String), lost, inferred.scale, keys=keys))
    return Typed(typed, inferred.scale, inferred.reason, findings, inferred)


def _plain(values: pl.Series) -> pl.Series:
    """The same values in a type that every later step reads: no NaN, no decimal, no zone, no category."""
    kind = values.dtype
    if kind.is_temporal():
        return temporal_seconds(values)
    if isinstance(kind, pl.Decimal):
        whole = values.cast(pl.Int64, strict=False)
        return whole if kind.scale == 0 and whole.null_count() == values.null_count() else values.cast(pl.Float64)
    if kind.is_float():
        return values.set(~values.is_finite().fill_null(value=True), None)
    if isinstance(kind, pl.Categorical | pl.Enum):
        return values.cast(pl.String)
    return pl.Series(values.name, [None] * values.len(), dtype=pl.String) if kind == pl.Null() else values


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


def _doubtful(texts: pl.Series, doubt: str, keys: pl.Series) -> Finding:
    present = texts.is_not_null()
    count = int(present.sum())
    return Finding(
        check="data.ambiguous",
        subject=texts.name,
        verdict=Verdict.FAIL,
        summary=f"{plural(count, 'value')} of {texts.name} {doubt}; they stay text.",
        measured=float(count),
        unit="rows",
        evidence={
            "values": texts.filter(present).unique().sort().to_list()[:_SHOWN],
            "rows": keys.filter(present).head(_SHOWN).to_list(),
        },
        remedy=f"write them in one unambiguous spelling (2024-12-31, 1234.5), or declare [data.columns] {texts.name}",
    )


def _unreadable(texts: pl.Series, bad: pl.Series, scale: str, *, keys: pl.Series) -> Finding:
    count = int(bad.sum())
    values = texts.filter(bad).unique().sort().to_list()
    kind = "date" if scale == "datetime" else "number"
    expected = all(value.strip().lower() in MISSING_WORDS for value in values)
    return Finding(
        check="data.types",
        subject=texts.name,
        verdict=Verdict.FAIL,
        summary=f"{plural(count, 'value')} of {texts.name} {'is' if count == 1 else 'are'} no {kind} and "
        f"count as missing: {', '.join(values[:_SHOWN])}.",
        measured=float(count),
        unit="rows",
        severity=Severity.NOTE if expected else Severity.WARNING,
        evidence={"values": values[:_SHOWN], "rows": keys.filter(bad).head(_SHOWN).to_list()},
        remedy=f"declare the spelling as missing, or another scale for [data.columns] {texts.name}",
    )
