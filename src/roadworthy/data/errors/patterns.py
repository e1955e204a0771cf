"""Values whose shape is rare in their column: a letter in a postcode, a word among percentages."""

import re
from collections import Counter

import numpy as np

from roadworthy.data.errors.channel import Channel
from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.signals import Hint, Signal, at_values

_NUMBER = re.compile(r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?$")
_RARE = 0.02
_MANY = 0.9
_FEWEST_ROWS = 30
_MOST_SHAPES = 12
_TAUGHT = 10


def shape(value: str, *, lengths: bool = False) -> str:
    """Letters as `a`, digits as `9`, runs collapsed unless lengths count; a plain number is `#`.

    >>> shape("scip-inf-3"), shape("97%"), shape("-1.5e3"), shape("35x33", lengths=True)
    ('a-a-9', '9%', '#', '99a99')
    """
    if not lengths and _NUMBER.match(value):
        return "#"
    classes = ["9" if c.isdigit() else "a" if c.isalpha() else " " if c.isspace() else c for c in value]
    if lengths:
        return "".join(classes)
    return "".join(c for at, c in enumerate(classes) if at == 0 or c != classes[at - 1])


def patterns(column: Coded, channel: Channel) -> list[Signal]:
    """Values of a rare shape, where a few shapes hold nearly all of the column.

    A shape is suspicious if it holds at most 2 % of the cells, its values are rare too, and the shapes that are not
    rare are few and hold at least 90 %. The likelihood grows with how much they hold.
    """
    if column.present < _FEWEST_ROWS:
        return []
    found = _rare_shapes(column, lengths=False)
    if column.number_share < _MANY and _codes(column):
        found = {**_rare_shapes(column, lengths=True), **found}
    return at_values("pattern", column, _damaged(column, found, channel))


def _damaged(column: Coded, found: dict[int, Hint], channel: Channel) -> dict[int, Hint]:
    """A rare shape is believed more if it holds a letter that damage brought in elsewhere, rare in this column."""
    if not found or channel.pairs < _TAUGHT:
        return found
    usual = {letter for letter, count in channel.came.items() if count > 0.2 * channel.pairs}
    cells: Counter[str] = Counter()
    for value, count in zip(column.values, column.counts.tolist(), strict=True):
        cells.update(dict.fromkeys(usual & set(value), count))
    alien = {letter for letter in usual if cells[letter] <= 0.1 * column.present}
    return {
        code: hint._replace(likelihood=1 - (1 - hint.likelihood) * 0.2) if alien & set(column.values[code]) else hint
        for code, hint in found.items()
    }


def _codes(column: Coded) -> bool:
    """Whether values are codes of one length, so that lengths are part of the shape."""
    lengths = np.array([len(value) for value in column.values])
    usual = Counter(dict(zip(lengths.tolist(), [0] * len(lengths), strict=False)))
    for length, count in zip(lengths.tolist(), column.counts.tolist(), strict=True):
        usual[length] += count
    return usual.most_common(1)[0][1] >= 0.98 * column.present


def _rare_shapes(column: Coded, *, lengths: bool) -> dict[int, Hint]:
    shapes = [shape(value, lengths=lengths) for value in column.values]
    counts: Counter[str] = Counter()
    for one, count in zip(shapes, column.counts.tolist(), strict=True):
        counts[one] += count
    usual = [one for one, count in counts.items() if count > _RARE * column.present]
    covered = sum(counts[one] for one in usual) / column.present
    if covered < _MANY or len(usual) > _MOST_SHAPES:
        return {}
    # in a tidy column rare shapes are few; where many cells have one, shapes say little
    trust = (covered - _MANY) / (1 - _MANY)
    spread = len({one for one in counts if one not in usual})
    return {
        code: Hint(_likelihood(counts[one], column, trust, spread), None, f"shape {one!r} is rare in its column")
        for code, one in enumerate(shapes)
        if one not in usual
    }


def _likelihood(hits: int, column: Coded, trust: float, spread: int) -> float:
    """Few cells against many; a number among words is less odd than a word among numbers."""
    rare = (hits - 1) / column.present
    base = 0.9 if column.number_share >= _MANY else 0.45
    return float(base * trust * (1 - (rare / _RARE) ** 2) / (1 + 0.02 * spread))
