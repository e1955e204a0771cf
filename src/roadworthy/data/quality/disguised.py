"""Missing values in disguise: words, numbers and dates that stand for "nobody knows".

A word is known by its spelling. A number is known by its form (all nines, minus one, zero where nothing is near it)
and needs evidence beside it: it is repeated, and lies outside the bulk of its column or towers over its neighbours. A
date is known by its form too (the first day of an epoch, the last day that a field can hold).

Source: Qahtan, Elmagarmid, Castro Fernandez, Ouzzani and Tang (2018), FAHES: a robust disguised missing values
detector, KDD 2018:2100-2109; Pearson (2006), The problem of disguised missing data, SIGKDD Explorations 8:83-92.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from roadworthy.data.quality.breaches import rows_finding, suspect_cells
from roadworthy.data.quality.cut_off import like_its_end
from roadworthy.data.quality.expected import expected_columns
from roadworthy.data.quality.look import SUSPECTS, Look, Seen
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.units import plural

_CHECK = "data.disguised"
_LEAST_ROWS = 20
_READS_AS_NUMBERS = 0.8
_RARE = 0.05
_FAR = 0.5
_TOWERS = 5
_NEAR = 5
_ALONE = 8
_DAY = 86_400.0
_FORMS = frozenset(
    [float(sign * int(str(digit) * count)) for digit in (8, 9) for count in range(2, 11) for sign in (1, -1)]
    + [float(int(str(digit) * count)) for digit in range(1, 8) for count in range(4, 11)]
    + [-1.0, -9.0, -8.0, 0.0, 99.9, -99.9, 999.9, -999.9, 99.99, 999.99, 9999.99, 12345.0, 123456.0, 1234567.0]
    + [float(bound) for power in (15, 16, 31, 32, 63) for bound in (2**power - 1, -(2**power))]
    + [1e20, 1e30, 1e36, -1e30, 1e10, -1e10]
)
_EPOCHS = {
    date(1, 1, 1),
    date(1111, 11, 11),
    date(1753, 1, 1),
    date(1800, 1, 1),
    date(1899, 12, 30),
    date(1899, 12, 31),
    date(1900, 1, 1),
    date(1901, 1, 1),
    date(1904, 1, 1),
    date(1960, 1, 1),
    date(1970, 1, 1),
    date(1980, 1, 1),
    date(2038, 1, 19),
    date(2079, 6, 6),
    date(2099, 12, 31),
    date(2100, 1, 1),
    date(2999, 12, 31),
    date(9999, 12, 31),
}


def _words_of(kind: str) -> frozenset[str]:
    """One part of the list of spellings that lies beside this file."""
    parts = Path(__file__).with_name("missing_words.txt").read_text("utf-8").split("\n== ")
    lines = next(part for part in parts if part.startswith(kind)).splitlines()[1:]
    return frozenset(line for line in lines if not line.startswith("# "))


_WORDS, _DOUBTFUL = _words_of("certain"), _words_of("doubtful")


class Disguise(NamedTuple):
    """One value that stands for a missing one: the rows that hold it, how likely that is, and why."""

    value: str
    hit: pl.Series
    likelihood: float
    why: str


def disguised(look: Look) -> Seen:
    """Values that stand for missing ones, in columns of any scale; nothing where there is no evidence."""
    findings: list[Finding] = []
    suspects: list[pl.DataFrame] = [pl.DataFrame(schema=SUSPECTS)]
    for name in expected_columns(look) if look.table.height >= _LEAST_ROWS else ():
        found = list(_in_column(look, name))
        if found:
            findings.append(_told(look, name, found))
        for one in found:
            reason = f"{one.value!r} stands for missing: {one.why}"
            suspects.append(
                suspect_cells(look, name, hit=one.hit, check=_CHECK, likelihood=one.likelihood, reason=reason)
            )
    return Seen(findings=findings, suspects=pl.concat(suspects))


def missing_mask(look: Look, column: str) -> NDArray[np.bool_]:
    """Where a column has no value: null, an empty text, or a value in disguise of which there is little doubt."""
    values = look.table[column]
    gone = values.is_null()
    if values.dtype == pl.String:
        gone = gone | (values.str.strip_chars() == "").fill_null(value=True)
    if not values.dtype.is_nested() and look.table.height >= _LEAST_ROWS:
        for one in _in_column(look, column):
            gone = gone | one.hit if one.likelihood >= 0.8 else gone
    return gone.to_numpy()


def _told(look: Look, name: str, found: list[Disguise]) -> Finding:
    hit = found[0].hit
    for one in found[1:]:
        hit = hit | one.hit
    listed = ", ".join(f"{one.value!r} ({int(one.hit.sum()):,})" for one in found[:5])
    return rows_finding(
        _CHECK,
        name,
        hit=hit,
        keys=look.keys,
        what=f"values of {name} look like missing ones in disguise: {listed}",
        severity=Severity.WARNING if max(one.likelihood for one in found) >= 0.8 else Severity.NOTE,
        evidence={
            "values": [
                {"value": one.value, "rows": int(one.hit.sum()), "likelihood": one.likelihood, "why": one.why}
                for one in found
            ]
        },
        remedy="declare these spellings in `missing` of the source, unless such a number means 'so much or more'",
    )


def _in_column(look: Look, name: str) -> Iterator[Disguise]:
    values, scale = look.table[name], look.scales.get(name, "")
    texts = look.text(name)
    if scale == "datetime":
        numbers = (
            values if values.dtype.is_numeric() else values.cast(pl.Datetime("us"), strict=False).dt.epoch("us") / 1e6
        )
        yield from _dates(name, numbers.cast(pl.Float64, strict=False), texts)
        return
    numbers = texts.str.strip_chars().cast(pl.Float64, strict=False)
    present = texts.len() - texts.null_count()
    reads = bool(present) and numbers.count() >= _READS_AS_NUMBERS * present
    yield from _words(texts, numbers=reads)
    if reads and scale not in ("identifier", "binary", "text"):
        for one in _numbers(numbers, texts):
            cut = abs(float(one.value)) > 9 and like_its_end(look, name, numbers, one.hit)
            why = "its rows are like those with the largest values: it may mean so much or more"
            yield one._replace(likelihood=0.6, why=f"{one.why}; {why}") if cut else one


def _words(texts: pl.Series, *, numbers: bool) -> Iterator[Disguise]:
    """Spellings; a doubtful one needs to be unlike all other values of its column."""
    folded = texts.str.strip_chars().str.to_lowercase()
    counts = folded.drop_nulls().value_counts()
    held = dict(counts.iter_rows())
    others = [word for word in held if word not in _WORDS and word not in _DOUBTFUL]
    longest = max((len(word) for word in others), default=0)
    if not others:
        return
    for word, count in sorted(held.items(), key=lambda item: -item[1]):
        certain = word in _WORDS
        if not certain and (word not in _DOUBTFUL or not _unlike(word, others, numbers=numbers, longest=longest)):
            continue
        likelihood = 0.97 if numbers or not word.isalpha() else 0.85
        why = "its spelling" + (", among numbers" if numbers else f", in {plural(count, 'row')}")
        yield Disguise(word, (folded == word).fill_null(value=False), likelihood if certain else 0.8, why)


def _unlike(word: str, others: list[str], *, numbers: bool, longest: int) -> bool:
    if numbers:
        return True
    if word.isalpha():  # "na" may be a country and "none" an answer; among single letters x is one of them
        return False
    return longest >= 3 and not any(len(other) <= len(word) and not other.isalnum() for other in others)


def _numbers(numbers: pl.Series, texts: pl.Series) -> Iterator[Disguise]:
    """Numbers of a suspicious form that are repeated and lie apart, or tower over their neighbours at an end."""
    counted = numbers.drop_nulls().value_counts().sort(numbers.name or "")
    values, counts = counted[:, 0].to_numpy(), counted[:, 1].to_numpy()
    suspicious = np.isin(values, list(_FORMS))
    bulk, weights = values[~suspicious | (values == 0)], counts[~suspicious | (values == 0)]
    if len(bulk) < 5:
        return
    for at in np.flatnonzero(suspicious & (counts >= 2)):
        value, count = float(values[at]), int(counts[at])
        rest = bulk != value
        judged = _judge_number(value, count, bulk[rest], weights[rest])
        if judged:
            hit = (numbers == value).fill_null(value=False)
            yield Disguise(str(texts.filter(hit)[0]), hit, *judged)


def _judge_number(
    value: float, count: int, others: NDArray[np.float64], weights: NDArray[np.int64]
) -> tuple[float, str] | None:
    """How likely a number at either end of its column is a missing value, and why; None where there is no evidence."""
    if others[0] <= value <= others[-1]:
        return None
    below = value < others[0]
    edge = float(others[0] if below else others[-1])
    most = int((weights[:_NEAR] if below else weights[-_NEAR:]).max())
    bulk = _quantiles(others, weights, (0.005, 0.5, 0.995))
    towers = count >= _TOWERS * max(most, 1)
    if value == 0:
        if len(others) < 2 * _NEAR or count > int(weights.sum()):
            return None
        rare = count <= _RARE * (int(weights.sum()) + count)
        near = np.diff(others[: 2 * _NEAR] if below else others[-2 * _NEAR :])
        alone = rare and count >= _TOWERS and below and edge >= _ALONE * float(np.median(near))
        found = _judge_zero(count, edge, bulk, most=most, rare=rare) if towers else None
        return found or ((0.75, f"the other values begin at {edge:g}, in small steps") if alone else None)
    gap = abs(value - edge) / max(bulk[2] - bulk[0], 1e-12)
    if gap >= _FAR:
        return 0.95, f"{gap:.2g} times the width of the bulk ({bulk[0]:g} to {bulk[2]:g}) away from it"
    if value < 0 <= edge and (towers or (edge > 0 and len(others) > _NEAR)):
        return 0.9, "the only negative number of its column"
    return None


def _judge_zero(count: int, edge: float, bulk: tuple[float, ...], *, most: int, rare: bool) -> tuple[float, str] | None:
    """Zero is a number like any other, unless all the rest keep away from it."""
    low, middle, high = bulk
    away = low / max(middle - low, 1e-12) if edge >= _FAR * low else 0.0
    if edge > 0 and away >= (_FAR if rare else 1.5):
        return 0.85, f"{plural(count, 'zero')} where the other values begin at {edge:g}"
    if rare and count >= 10 and edge >= 0.02 * (high - low):
        return 0.7, f"{plural(count, 'zero')} where each of the {_NEAR} values next to it occurs {most} times at most"
    return None


def _dates(name: str, seconds: pl.Series, texts: pl.Series) -> Iterator[Disguise]:
    """First and last days of what computers can count, if they are repeated or years away from all others."""
    days = (seconds / _DAY).floor().cast(pl.Int64)
    counted = days.drop_nulls().value_counts().sort(days.name or "")
    values, counts = counted[:, 0].to_numpy(), counted[:, 1].to_numpy()
    form = np.isin(values, [(epoch - date(1970, 1, 1)).days for epoch in _EPOCHS])
    if form.all() or not len(values):
        return
    others, usual = values[~form], float(np.median(counts[~form]))
    for at in np.flatnonzero(form):
        gap, count = int(np.abs(others - values[at]).min()), int(counts[at])
        apart = gap > max(366, 0.25 * float(others.max() - others.min()))
        towers = count >= max(_TOWERS * float(counts[~form].max()), _TOWERS)
        if not apart and not towers:
            continue
        hit = (days == int(values[at])).fill_null(value=False)
        day = datetime.fromtimestamp(0, UTC).date().fromordinal(int(values[at]) + date(1970, 1, 1).toordinal())
        why = f"{gap:,} days from the nearest other date" if apart else f"{count:,} times, others {usual:g} times"
        yield Disguise(day.isoformat(), hit, 0.97 if apart else 0.85, why)


def _quantiles(values: NDArray[np.float64], weights: NDArray[np.int64], shares: tuple[float, ...]) -> tuple[float, ...]:
    """Weighted quantiles of sorted distinct values."""
    upto = np.cumsum(weights) / weights.sum()
    return tuple(float(values[min(int(np.searchsorted(upto, share)), len(values) - 1)]) for share in shares)
