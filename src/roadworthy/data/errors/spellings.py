"""One value written in several ways: case, white space, punctuation, accents, letters that only look alike."""

from collections import defaultdict

import numpy as np

from roadworthy.bundle.steps.writings import ALIKE, key
from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.signals import Hint, Signal, at_values

_LONGEST = 120
_CLEAR = 8
_LEAST = 3


def variants(column: Coded) -> dict[int, int]:
    """Each value that is another writing of a more frequent one, by code."""
    if column.number_share > 0.5:
        return {}
    groups: dict[str, list[int]] = defaultdict(list)
    for code, value in enumerate(column.values):
        # digits apart, "1.5" and "1 5" or "-1" and "1" are no variants of each other
        if len(value) <= _LONGEST and len(word := key(value)) > 1 and any(c.isalpha() for c in word):
            groups[word].append(code)
    # values are ordered by their count, so the first of a group is its most frequent writing
    return {code: group[0] for group in groups.values() for code in group[1:]}


def spellings(column: Coded) -> list[Signal]:
    """Values that are another writing of a more frequent value.

    Likely where the other is much more frequent; where both are about as frequent it is a matter of convention, and
    where the difference is invisible (spaces, look-alike letters) it is wrong however rare the other.
    """
    found = variants(column)
    share = column.mass(set(found))
    hints = {}
    for code, other in found.items():
        value, right = column.values[code], column.values[other]
        ratio = float(column.counts[other] / column.counts[code])
        likelihood = _likelihood(value, right, ratio, int(column.counts[other])) * (1 - min(share, 0.5))
        hints[code] = Hint(likelihood, right, f"another writing of {right!r} ({_how(value, right)})")
    hints |= _padded(column, set(hints))
    return at_values("spelling", column, hints)


def _likelihood(value: str, right: str, ratio: float, count: int) -> float:
    if value.strip() == right.strip() or value.translate(ALIKE) == right:
        return 0.95
    if count < _LEAST:
        return 0.3
    return float(np.interp(np.log(ratio), [0, np.log(2), np.log(_CLEAR)], [0.4, 0.6, 0.92]))


def _padded(column: Coded, known: set[int]) -> dict[int, Hint]:
    """White space at the ends, where most values have none."""
    odd = {code for code, v in enumerate(column.values) if v != v.strip()}
    if column.mass(odd) > 0.1:
        return {}
    return {
        code: Hint(0.85, column.values[code].strip(), "white space that does not belong there")
        for code in odd - known
        if column.values[code].strip()
    }


def _how(value: str, right: str) -> str:
    if value.casefold() == right.casefold():
        return "case"
    if "".join(value.split()) == "".join(right.split()):
        return "white space"
    return "letters that look alike" if value.translate(ALIKE) == right else "punctuation or accents"
