"""How close texts are: the one room for rapidfuzz."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, Levenshtein
from rapidfuzz.process import cdist

_CHUNK = 1_000
FAR = 255
"""More edits than were asked about."""


def edits(some: Sequence[str], others: Sequence[str], *, most: int) -> NDArray[np.uint8]:
    """Edits (insert, delete, replace, swap neighbours) between each pair; `FAR` beyond `most`.

    Source: optimal string alignment, Damerau (1964), Comm. ACM 7:171-176.

    >>> edits(["birmxngham"], ["birmingham", "boaz"], most=3).tolist()
    [[1, 255]]
    """
    parts = [
        cdist(some[at : at + _CHUNK], others, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8, workers=1)
        for at in range(0, len(some), _CHUNK)
    ]
    found = np.vstack(parts) if parts else np.empty((0, len(others)), np.uint8)
    return np.where(found > most, np.uint8(FAR), found).astype(np.uint8)


def steps(wrong: str, right: str) -> list[tuple[str, str]]:
    """The edits that turn the right text into the wrong one, as (letters there, letters here).

    >>> steps("hexrt attxck", "heart attack")
    [('a', 'x'), ('a', 'x')]
    """
    if len(wrong) == len(right):
        return [(there, here) for there, here in zip(right, wrong, strict=True) if there != here]
    edited = [(op.tag, op.src_pos, op.dest_pos) for op in Levenshtein.editops(right, wrong)]
    return [("" if tag == "insert" else right[at], "" if tag == "delete" else wrong[to]) for tag, at, to in edited]
