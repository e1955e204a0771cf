"""Numbers that are quantities, and numbers that are codes, keys, classes or ranks.

The name of a column and its values are asked both; the reason says which of them decided.
"""

import polars as pl
from msgspec import Struct

from roadworthy.data.hints import AMOUNTS, CALENDAR, CLASSES, CODES, ENTITIES, IDENTIFIERS, RANKS, TIMES, hints, said

_MANY = 20
_FEW = 60
_CLASSES_AT_MOST = 300
_RANKS_AT_MOST = 20
_NEARLY_ALL = 0.99
_FIRST_YEAR, _LAST_YEAR = 1800, 2200
_USUAL_YEARS = (1900, 2100)
_SECONDS = (10**9, 4 * 10**9)
_DIGITS_OF_KEYS = 6
_GAPS = 1.2


class Judgement(Struct, frozen=True):
    """A scale, why, and how sure that is."""

    scale: str
    reason: str
    confidence: float


def of_numbers(numbers: pl.Series, name: str) -> Judgement:
    """What a column of numbers measures; whole numbers that are stored as floats count as whole.

    >>> of_numbers(pl.Series([1.0, 2.0, 2.0, 1.0, 3.0]), "class").scale
    'nominal'
    """
    finite = numbers.filter(numbers.is_finite())
    whole = finite.len() > 0 and bool((finite == finite.round(0)).all()) and float(finite.abs().max()) < 2**53  # type: ignore[arg-type]  # not empty
    if whole:
        return of_integers(finite.cast(pl.Int64), name)
    if finite.n_unique() == 2 and finite.len() >= _MANY:
        return Judgement("binary", "it holds two values", 0.7)
    return Judgement("continuous", "all values are numbers", 0.95)


def of_integers(numbers: pl.Series, name: str) -> Judgement:
    """What a column of present whole numbers measures, in the order of its rows.

    >>> of_integers(pl.Series([404, 200, 200, 500]), "http_status").reason
    'its name says status: numbers are names'
    """
    distinct, words = numbers.n_unique(), hints(name)
    if distinct == 2 and not words & (CODES | IDENTIFIERS):
        confidence = 0.95 if set(numbers.unique().to_list()) <= {0, 1} else 0.85
        return Judgement("binary", "it holds two values", confidence)
    return _by_name(numbers, distinct, words) or _by_values(numbers, distinct)


def _by_name(numbers: pl.Series, distinct: int, words: frozenset[str]) -> Judgement | None:
    """What the name says of whole numbers, as far as the values bear it out."""
    for family in (_coded, _keyed, _timed, _amount, _ranked, _classed, _entity):
        judged = family(numbers, distinct, words)
        if judged is not None:
            return judged
    return None


def _coded(_numbers: pl.Series, _distinct: int, words: frozenset[str]) -> Judgement | None:
    if not words & CODES:
        return None
    return Judgement("nominal", f"its name says {said(words, CODES)}: numbers are codes", 0.9)


def _keyed(numbers: pl.Series, distinct: int, words: frozenset[str]) -> Judgement | None:
    if not words & IDENTIFIERS or words & AMOUNTS:
        return None
    reason = f"its name says {said(words, IDENTIFIERS)}"
    if distinct >= _NEARLY_ALL * numbers.len():
        return Judgement("identifier", f"{reason}, and every value is another one", 0.95)
    return Judgement("nominal", f"{reason}, and values repeat", 0.85)


def _timed(numbers: pl.Series, _distinct: int, words: frozenset[str]) -> Judgement | None:
    low, high = _ends(numbers)
    if words & TIMES and _SECONDS[0] <= low and high <= _SECONDS[1]:
        return Judgement("datetime", f"its name says {said(words, TIMES)}, and values are seconds since 1970", 0.8)
    return None


def _amount(_numbers: pl.Series, _distinct: int, words: frozenset[str]) -> Judgement | None:
    if words & AMOUNTS:
        return Judgement("discrete", f"whole numbers, and its name says {said(words, AMOUNTS)}", 0.9)
    return None


def _ranked(numbers: pl.Series, distinct: int, words: frozenset[str]) -> Judgement | None:
    low, high = _ends(numbers)
    if words & CALENDAR and ((low >= 0 and high <= 60) or (low >= _FIRST_YEAR and high <= _LAST_YEAR)):
        return Judgement("ordinal", f"its name says {said(words, CALENDAR)}: an order", 0.75)
    if words & RANKS and distinct <= _RANKS_AT_MOST:
        return Judgement("ordinal", f"its name says {said(words, RANKS)}: ranks, not quantities", 0.75)
    return None


def _classed(_numbers: pl.Series, distinct: int, words: frozenset[str]) -> Judgement | None:
    if words & CLASSES and distinct <= _CLASSES_AT_MOST:
        return Judgement("nominal", f"its name says {said(words, CLASSES)}: numbers are names", 0.8)
    return None


def _entity(numbers: pl.Series, distinct: int, words: frozenset[str]) -> Judgement | None:
    if not words & ENTITIES:
        return None
    reason = f"its name says {said(words, ENTITIES)}: numbers name them"
    if distinct == numbers.len() >= _MANY:
        return Judgement("identifier", reason, 0.8)
    return Judgement("nominal", reason, 0.75)


def _by_values(numbers: pl.Series, distinct: int) -> Judgement:
    if distinct == numbers.len() >= _MANY:
        steps = numbers.diff().drop_nulls()
        if bool((steps == 1).all()):
            return Judgement("identifier", "it counts the rows", 0.95)
        if bool((steps > 0).all()) and int(steps.sum()) <= _GAPS * numbers.len():
            return Judgement("identifier", "it counts the rows, with gaps", 0.8)
        if _same_length(numbers) >= _DIGITS_OF_KEYS:
            return Judgement("identifier", "all values differ, and all have as many digits", 0.6)
    low, high = _ends(numbers)
    if low >= _USUAL_YEARS[0] and high <= _USUAL_YEARS[1] and numbers.len() >= _MANY and distinct > 2:
        return Judgement("ordinal", "all values look like years", 0.6)
    return Judgement("discrete", "all values are whole numbers", 0.85 if distinct > _FEW else 0.7)


def _ends(numbers: pl.Series) -> tuple[int, int]:
    return int(numbers.min()), int(numbers.max())  # type: ignore[arg-type]  # a column of whole numbers, not empty


def _same_length(numbers: pl.Series) -> int:
    """How many digits all values have; 0 if they differ."""
    lengths = numbers.cast(pl.String).str.len_chars()
    return int(lengths[0]) if lengths.n_unique() == 1 else 0
