"""Terms of a whole table, counted once; folds choose their vocabulary from the counts."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Csr
from roadworthy.bundle.steps.tokens import ANALYSERS, spell
from roadworthy.bundle.steps.weighted import TermReader, WeightedTerms, logarithms


class TermChoice(Struct, frozen=True, kw_only=True):
    """Which terms a block keeps: those in at least `least_rows` fitted rows, the `most` frequent, none of `without`."""

    reader: TermReader
    least_rows: int = 2
    most: int = 200_000
    without: tuple[str, ...] = ()


class CountedTerms:
    """One block over a table: which known-anywhere terms each row holds.

    Terms in fewer rows of the table than a fit asks for are forgotten at once: no fold could choose them.
    """

    def __init__(self, choice: TermChoice, texts: Sequence[str]) -> None:
        self.choice = choice
        self._texts = texts
        counts = choice.reader.count(texts)
        keys = np.sort(counts.keys)
        first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if keys.size else np.empty(0, np.int64)
        rows = np.diff(np.append(first, keys.size))
        self._keys = keys[first[rows >= choice.least_rows]]
        at = np.searchsorted(self._keys, counts.keys)
        at[at == len(self._keys)] = 0
        known = self._keys[at] == counts.keys if self._keys.size else np.zeros(len(at), dtype=bool)
        self._ids = at[known].astype(np.int32)
        self._times = logarithms(counts.times[known])
        self._indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(known)])[counts.indptr]

    def fit(self, rows: NDArray[np.int64]) -> WeightedTerms:
        """Vocabulary and weights from these rows alone."""
        held = np.bincount(self._ids[_entries(self._indptr, rows)[0]], minlength=len(self._keys))
        chosen = np.flatnonzero(held >= self.choice.least_rows)
        if self.choice.without:
            chosen = chosen[~np.isin(self._keys[chosen], self._without())]
        if len(chosen) > self.choice.most:
            order = np.argsort(-held[chosen], kind="stable")
            chosen = np.sort(chosen[order[: self.choice.most]])
        idf = (np.log((1 + len(rows)) / (1 + held[chosen])) + 1).astype(np.float32)
        return WeightedTerms(reader=self.choice.reader, keys=self._keys[chosen], idf=idf, spell=self._spell)

    def encode(self, block: WeightedTerms, rows: NDArray[np.int64]) -> Csr:
        """Rows of the table through a block that was fitted here."""
        place = np.full(len(self._keys), -1, dtype=np.int32)
        place[np.searchsorted(self._keys, block.keys)] = np.arange(block.width, dtype=np.int32)
        entries, indptr = _entries(self._indptr, rows)
        indices = place[self._ids[entries]]
        known = indices >= 0
        indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(known)])[indptr]
        return block.weigh(indices[known], self._times[entries[known]], indptr)

    def _without(self) -> NDArray[np.uint64]:
        return np.unique(ANALYSERS[self.choice.reader.analyser](self.choice.without).keys)

    def _spell(self, keys: NDArray[np.uint64]) -> list[str]:
        limit = self.choice.reader.limit
        return spell(keys, [text[:limit] for text in self._texts], ANALYSERS[self.choice.reader.analyser])


def _entries(indptr: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the entries of these rows, and where each row begins among them."""
    sizes = np.diff(indptr)[rows]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return np.repeat(indptr[:-1][rows] - starts[:-1], sizes) + np.arange(starts[-1]), starts
