"""Values in the wrong place: of another column, swapped between two, or two values joined in one cell."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.signals import Hint, Signal, at_rows

_MOST_WORDS = 2_000
_RARE = 0.05
_ALIEN, _SWAPPED, _JOINED, _LEFT_EMPTY = 0.75, 0.95, 0.95, 0.95
_LEAST = 3
_OVERLAP = 0.2
_STRAY = 20


def places(columns: Sequence[Coded]) -> list[Signal]:
    """Values rare in their column and usual in another, swapped pairs, and joined values."""
    named = [column for column in columns if column.number_share < 0.5 and len(column.values) > 0]
    few = [column for column in named if len(column.values) <= _MOST_WORDS]
    signals: list[Signal] = []
    for here, home in permutations(few, 2):
        signals += _aliens(here, home)
    for here in named:
        for home in few:
            if home is not here:
                signals += _joined(here, home)
    return signals


def _usual(column: Coded) -> set[str]:
    return {v for v, count in zip(column.values, column.counts.tolist(), strict=True) if count >= _LEAST}


def _native(here: Coded, home: Coded) -> set[str]:
    """Values that are usual here and not merely strays of the other column."""
    strays = {v for v in home.place.keys() & here.place.keys() if _count(home, v) >= _STRAY * _count(here, v)}
    return _usual(here) - strays


def _count(column: Coded, value: str) -> int:
    return int(column.counts[column.place[value]])


def _aliens(here: Coded, home: Coded) -> list[Signal]:
    """Values rare here and frequent at home; if the row's value at home is usual here, the two were swapped."""
    usual_home, usual_here = _native(home, here), _native(here, home)
    if len(usual_home & usual_here) > _OVERLAP * min(len(usual_home), len(usual_here) or 1):
        return []
    hints: dict[int, Hint] = {}
    back: dict[int, Hint] = {}
    for value in usual_home:
        code = here.place.get(value)
        if code is None or here.counts[code] > _RARE * here.present or value in usual_here:
            continue
        for row in here.rows_of(code).tolist():
            there = home.text(row)
            if there in usual_here and there not in usual_home:
                hints[row] = Hint(_SWAPPED, there, f"swapped with {home.name}")
                back[row] = Hint(_SWAPPED, value, f"swapped with {here.name}")
            else:
                hints[row] = Hint(_ALIEN, None, f"{value!r} is a value of {home.name}")
    if sum(len(one) for one in (hints, back)) > _RARE * here.rows:
        return []
    return at_rows("place", here.name, hints) + at_rows("place", home.name, back)


def _joined(here: Coded, home: Coded) -> list[Signal]:
    """Two values in one, such as "Boise ID", where `ID` is a value of another column that is empty in this row."""
    empty = home.rows_of(-1)
    if not len(empty) or home.present == 0 or len(empty) > 0.5 * home.rows:
        return []
    usual, stays = _usual(home), {}
    gone = {}
    for row in empty.tolist():
        parts = _parted(here.text(row), usual)
        if parts:
            stays[row] = Hint(_JOINED, parts[0], f"holds {parts[1]!r} of {home.name} too")
            gone[row] = Hint(_LEFT_EMPTY, parts[1], f"its value stands in {here.name}")
    # by chance a text ends in such a word now and then; if it does so in the filled rows as well, it says nothing
    filled = np.flatnonzero(home.codes >= 0)[:5_000]
    chance = sum(_parted(here.text(int(row)), usual) is not None for row in filled) / max(len(filled), 1)
    if len(stays) < 2 or len(stays) < 10 * chance * len(empty):
        return []
    return at_rows("place", here.name, stays) + at_rows("place", home.name, gone)


def _parted(text: str | None, words: set[str]) -> tuple[str, str] | None:
    if not text or " " not in text:
        return None
    head, _, tail = text.rpartition(" ")
    if tail in words:
        return head.rstrip(" ,;-"), tail
    head, _, tail = text.partition(" ")
    return (tail.lstrip(" ,;-"), head) if head in words else None
