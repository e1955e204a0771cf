"""What a column shows of its scale: codes or quantities, names or rows. It decides nothing; it is asked."""

import numpy as np
from msgspec import Struct

from roadworthy.measures.profile.buckets import Buckets
from roadworthy.measures.profile.moments import Sums
from roadworthy.measures.profile.numbers import Numbers, zero_key
from roadworthy.measures.profile.shapes import DIGIT, PADDED
from roadworthy.measures.profile.state import State
from roadworthy.measures.profile.texts import Texts


class Evidence(Struct, frozen=True, kw_only=True):
    """Shares of the rows that have a value, each in [0, 1].

    Attributes:
        whole: numbers without a fraction; texts of digits only.
        padded: texts that begin with a zero before another digit, as codes do.
        negative: numbers below zero.
        zero: numbers that are zero.
        once: of the distinct values, those that stand once; exact while every value is kept, else from the sample of
            distinct texts, and None for numbers.
    """

    whole: float
    padded: float
    negative: float
    zero: float
    once: float | None


def evidence_of(state: State) -> Evidence | None:
    """The evidence of the values of one kind; None without any."""
    if not state.rows:
        return None
    return _of_numbers(state) if isinstance(state, Numbers) else _of_texts(state)


def _of_numbers(state: Numbers) -> Evidence:
    rows, buckets = state.rows, state.buckets
    sums: Sums = state.sums
    zeros = state.sketch.zeros if state.sketch is not None else _zeros(buckets, state.tag)
    once = None
    if state.sketch is None and len(buckets.count):
        once = float(np.mean(buckets.count == 1))
    return Evidence(
        whole=sums.whole / rows,
        padded=0.0,
        negative=(_negative(buckets, state.tag) + state.below) / rows,
        zero=zeros / rows,
        once=once,
    )


def _of_texts(state: Texts) -> Evidence:
    masks, classes = np.arange(256), state.classes
    digits = int(classes[(masks & ~PADDED) == DIGIT].sum())
    padded = int(classes[(masks & PADDED) > 0].sum())
    counts = state.entries.counts
    return Evidence(
        whole=digits / state.rows,
        padded=padded / state.rows,
        negative=0.0,
        zero=0.0,
        once=float(np.mean(counts == 1)) if len(counts) else None,
    )


def _zeros(buckets: Buckets, tag: str) -> int:
    return int(buckets.count[buckets.prefix == zero_key(tag)].sum())


def _negative(buckets: Buckets, tag: str) -> int:
    """No bucket holds numbers on both sides of zero: its sign is the first bit of a key."""
    if tag == "unsigned":
        return 0
    return int(buckets.count[buckets.prefix < (zero_key(tag) >> np.uint64(buckets.shift))].sum())
