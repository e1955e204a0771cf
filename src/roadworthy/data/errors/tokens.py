"""Words inside longer values: "15 patiexts", where `patients` is what nearly all others hold."""

import re
from collections import Counter
from math import exp

import numpy as np
import polars as pl

from roadworthy.data.errors.channel import Channel
from roadworthy.data.errors.coded import Coded
from roadworthy.data.errors.signals import Hint, Signal, at_values
from roadworthy.data.errors.typos import near, repeated

_WORD = re.compile(r"[^\W\d_]{3,}")
_MOST = 50_000
_DOUBT = 2.0
_BESIDE_DIGIT = re.compile(r"\d[^\W\d]|[^\W\d]\d")


def tokens(column: Coded, channel: Channel) -> list[Signal]:
    """Values that hold a rare word close to a frequent one; the proposal has only that word changed."""
    if column.number_share > 0.5 or len(column.values) > _MOST:
        return []
    counts: Counter[str] = Counter()
    for value, count in zip(column.values, column.counts.tolist(), strict=True):
        for word in set(_WORD.findall(value)):
            counts[word] += count
    words = _as_column(column.name, counts)
    meant = {}
    for typo in near(words):
        wrong, right = words.values[typo.wrong], words.values[typo.right]
        if not _inflected(wrong, right):
            odds = (
                typo.log_odds - _DOUBT + channel.weight(wrong, right) - repeated(int(words.counts[typo.wrong]), channel)
            )
            meant[wrong] = (right, 1 / (1 + exp(-odds)))
    return at_values("token", column, _hints(column, meant))


def _hints(column: Coded, meant: dict[str, tuple[str, float]]) -> dict[int, Hint]:
    hints = {}
    for code, value in enumerate(column.values):
        odd = [word for word in _WORD.findall(value) if word in meant]
        if odd:
            right = _WORD.sub(lambda found: meant.get(found[0], (found[0],))[0], value)
            likelihood = max(meant[word][1] for word in odd)
            told = None if _BESIDE_DIGIT.search(value) else right
            hints[code] = Hint(likelihood, told, f"{odd[0]!r} is close to {meant[odd[0]][0]!r}")
    return hints


def _as_column(name: str, counts: Counter[str]) -> Coded:
    words = Coded(name, pl.Series([], dtype=pl.String))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    words.values = [word for word, _ in ordered]
    words.counts = np.array([count for _, count in ordered], dtype=np.int64)
    return words


def _inflected(wrong: str, right: str) -> bool:
    """One is the other with an ending: "patient" beside "patients" is no typo."""
    short, long = sorted((wrong.casefold(), right.casefold()), key=len)
    return long.startswith(short) or (len(short) > 4 and long[:-3].startswith(short[:-2]) and wrong[-1] != right[-1])
