"""Rare values close to frequent ones."""

import re
from collections.abc import Sequence
from math import exp, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from roadworthy.bundle.steps.writings import key
from roadworthy.data.errors.channel import Channel
from roadworthy.data.errors.closeness import FAR, edits, steps
from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.signals import Hint, Signal, at_values

PLAIN = 0.6
"""A typo at least this likely teaches the channel."""
_MOST_RARE, _MOST_FREQUENT = 20_000, 2_000
_RATIO = 5
_LEAST = 3
_LEAST_TYPOS = 0.3
_LETTERS = 26
_FULL_OF_THEM = 10
_MIXED = re.compile(r"\d[^\W\d]|[^\W\d]\d")


class Typo(NamedTuple):
    """A rare value and the frequent one that it is close to."""

    wrong: int
    right: int
    log_odds: float


def typos(column: Coded, channel: Channel) -> list[Signal]:
    """Rare values that are likely misspelt, each with the frequent value that was likely meant."""
    hints = {}
    for typo in near(column):
        wrong, right = column.values[typo.wrong], column.values[typo.right]
        odds = typo.log_odds + channel.weight(wrong, right) - repeated(int(column.counts[typo.wrong]), channel)
        likelihood = 1 / (1 + exp(-odds))
        counted = f"{column.counts[typo.right]} against {column.counts[typo.wrong]}"
        meant = None if _hides_digit(wrong, right) else right
        hints[typo.wrong] = Hint(likelihood, meant, f"close to {right!r} ({counted})")
    return at_values("typo", column, hints)


def repeated(count: int, channel: Channel) -> float:
    """How much it speaks against a typo that the same one comes again; less so in a table full of them."""
    return (1.0 if channel.pairs >= _FULL_OF_THEM else 2.0) * log(count)


def near(column: Coded) -> list[Typo]:
    """Each rare value with the frequent one closest to it, and the log-odds that it was meant.

    The odds weigh how seldom a typo has that many edits against how often two values that are both frequent are as
    close: names of states are two letters from each other by nature, names of diseases are not.
    """
    frequent = np.flatnonzero(column.counts >= _LEAST)[:_MOST_FREQUENT]
    frequent = np.array([code for code in frequent if _wordy(column.values[code])], dtype=np.int64)
    if not len(frequent) or column.number_share > 0.98:
        return []
    most_common = int(column.counts[frequent[0]])
    rare = np.flatnonzero(column.counts * _RATIO <= most_common)[:_MOST_RARE]
    words = [column.values[code] for code in frequent]
    # another writing of a frequent value is a matter of spelling, and says nothing of how many typos there are
    main = {key(column.values[code]): code for code in frequent[::-1]}
    rare = np.array([code for code in rare if main.get(key(column.values[code]), code) == code], dtype=np.int64)
    apart = edits([column.values[code] for code in rare], words, most=_most(words))
    among = _apart_from_others(words)
    found = (_closest(column, int(code), frequent, apart[at], among) for at, code in enumerate(rare))
    return _against_chance([one for one in found if one], len(rare))


def _closest(
    column: Coded, code: int, frequent: NDArray[np.int64], apart: NDArray[np.uint8], among: NDArray[np.float64]
) -> tuple[Typo, float] | None:
    """The frequent value that is closest, with the evidence for a typo, and how likely one is as close by chance."""
    value, count = column.values[code], int(column.counts[code])
    able = (column.counts[frequent] >= _RATIO * count) & (frequent != code) & (apart != FAR)
    if not able.any():
        return None
    candidates = np.flatnonzero(able)
    closest = candidates[np.argsort(apart[candidates], kind="stable")]
    best, rest = closest[0], closest[1:]
    right = column.values[frequent[best]]
    kinds = _kinds(value, right)
    if kinds is None or kinds > max(1.0, len(right) / 5):
        return None
    ambiguous = int((apart[rest] <= apart[best]).sum())
    chance = _chance(right, int(apart[best]), among, len(frequent))
    seen = log(0.8 if kinds <= 1 else 0.15 if kinds <= 2 else 0.03)
    rarity = min(log(column.counts[frequent[best]] / count / _RATIO), 3.0)
    return Typo(code, int(frequent[best]), seen - log(chance) + 0.5 * rarity - log(1 + ambiguous)), chance


def _against_chance(found: Sequence[tuple[Typo, float]], rare: int) -> list[Typo]:
    """Add how many rare values of this column are typos at all: as many as are close beyond what chance would bring.

    Of a thousand rare names of cities a few are close to a frequent one though none is wrong.

    Source: the empirical Bayes of Efron (2010), Large-Scale Inference, chapter 5.
    """
    by_chance = rare * float(np.mean([chance for _, chance in found])) if found else 0.0
    share = min(max(len(found) - by_chance, _LEAST_TYPOS) / (rare + 1), 0.5)
    return [typo._replace(log_odds=typo.log_odds + log(share)) for typo, _ in found]


def _kinds(wrong: str, right: str) -> float | None:
    """How many different edits there are (a letter replaced everywhere is one); None if digits became other digits."""
    found = steps(wrong, right)
    if any(there.isdigit() and here.isdigit() for there, here in found):
        return None
    if any((there + here).isdigit() for there, here in found):
        return None
    if sorted(wrong) == sorted(right):
        return 1.0
    return len(set(found)) + 0.1 * (len(found) - 1)


def _hides_digit(wrong: str, right: str) -> bool:
    """A letter stands in the middle of digits: which digit was meant, nothing here tells."""
    return any(word not in right for word in _MIXED.findall(wrong))


def _chance(right: str, apart: int, among: NDArray[np.float64], size: int) -> float:
    """How often a value lies that close to a frequent one without a typo: as often as frequent ones do themselves."""
    close = int((among <= apart).sum())
    letters = max(sum(c.isalpha() for c in right), 1)
    by_letters = min(1.0, size * float(letters * _LETTERS) ** apart / float(_LETTERS) ** min(letters, 100))
    return min(1.0, (close + 1.0 + 4 * by_letters) / (size + 4))


def _apart_from_others(words: list[str]) -> NDArray[np.float64]:
    """For each frequent value, edits to the closest other one."""
    apart = edits(words, words, most=_most(words)).astype(np.float64)
    np.fill_diagonal(apart, FAR)
    closest: NDArray[np.float64] = apart.min(axis=1)
    return closest


def _most(words: list[str]) -> int:
    return max(2, min(40, max(len(word) for word in words) // 2))


def _wordy(value: str) -> bool:
    return bool(value) and len(value) > 1
