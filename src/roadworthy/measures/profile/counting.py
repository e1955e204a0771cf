"""Tables, part by part, into one profile."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from roadworthy.measures.profile.buffers import Buffer, NoBuffer, NumberBuffer, TextBuffer
from roadworthy.measures.profile.choice import kernel_for
from roadworthy.measures.profile.hashing import GOLDEN, Words, mix, salt_of
from roadworthy.measures.profile.kernels import Kernel
from roadworthy.measures.profile.keys import int_keys
from roadworthy.measures.profile.numbers import Numbers, merged_numbers, numbers_of
from roadworthy.measures.profile.profile import Profile
from roadworthy.measures.profile.rows import Cells, RowSample, merged_samples, no_sample, nothing, size_for
from roadworthy.measures.profile.shapes import SHOWN
from roadworthy.measures.profile.state import Column, State
from roadworthy.measures.profile.strings import Strings, spread
from roadworthy.measures.profile.texts import Given, Texts, merged_texts, texts_of


class Counting:
    """Takes parts of a table; `profile` says what they hold together.

    Without a kernel it begins with the plain one, and takes the compiled one once the table turns out to be large.

    Two of them that saw parts of one table give profiles that merge to the profile of the whole, byte for byte.

    >>> counting = Counting()
    >>> counting.add({"n": NumberBuffer("integer", np.array([1, 2, 2]))}, rows=3)
    >>> counting.profile().columns["n"].distinct.value
    2.0
    """

    def __init__(self, kernel: Kernel | None = None) -> None:
        self._kernel = kernel or kernel_for(0)
        self._fixed = kernel is not None
        self._rows = self._counted = 0
        self._columns: dict[str, Column] = {}
        self._sample = no_sample()

    def add(self, part: Mapping[str, Buffer], *, rows: int, names: Sequence[str] | None = None) -> None:
        """Take one part of a table.

        Args:
            part: its columns in their order; a column that other parts have and this one lacks counts as missing.
            rows: length of every column.
            names: of the rows, to find again those of the sample.
        """
        self._counted += rows * len(part)
        if not self._fixed:
            self._kernel = kernel_for(self._counted)
        sums = np.zeros(rows, dtype=np.uint64)
        seen: dict[tuple[str, str], _Seen] = {}
        for position, (name, buffer) in enumerate(part.items()):
            held = self._columns.get(name)
            states = dict(held.states) if held is not None else {}
            if not isinstance(buffer, NoBuffer):
                one = self._numbers(buffer, states) if isinstance(buffer, NumberBuffer) else self._texts(buffer, states)
                self._kernel.add_cells(sums, one.hashes, valid=one.valid, salt=salt_of(buffer.tag, name))
                seen[name, buffer.tag] = one
            self._columns[name] = Column(min(position, held.position) if held else position, states)
        self._rows += rows
        if rows:
            self._sample_rows(mix(sums + np.uint64(GOLDEN)), seen, names)

    def profile(self) -> Profile:
        """What was seen so far."""
        return Profile(self._rows, self._columns, sample=self._sample)

    def _numbers(self, buffer: NumberBuffer, states: dict[str, State]) -> "_Seen":
        keys = self._keys(buffer)
        hashes = self._kernel.number_hashes(keys)
        some, few = (keys, hashes) if buffer.valid is None else (keys[buffer.valid], hashes[buffer.valid])
        known = states.get(buffer.tag)
        known = known if isinstance(known, Numbers) else None
        state = numbers_of(some, tag=buffer.tag, kernel=self._kernel, known=known, hashes=few)
        states[buffer.tag] = state if known is None else merged_numbers(known, state)
        return _Seen(hashes, buffer.valid, keys=keys)

    def _keys(self, buffer: NumberBuffer) -> Words:
        values = np.ascontiguousarray(buffer.values)
        if buffer.tag == "number":
            return self._kernel.float_keys(values.astype(np.float64, copy=False))
        if buffer.tag == "unsigned":
            return values.astype(np.uint64, copy=False)
        return int_keys(values.astype(np.int64, copy=False))

    def _texts(self, buffer: TextBuffer, states: dict[str, State]) -> "_Seen":
        hashes = self._kernel.text_hashes(buffer.offsets, buffer.data)
        given = _given(buffer, hashes)
        known = states.get(buffer.tag)
        known = known if isinstance(known, Texts) else None
        state = texts_of(given, tag=buffer.tag, kernel=self._kernel, known=known)
        states[buffer.tag] = state if known is None else merged_texts(known, state)
        if buffer.codes is None:
            return _Seen(hashes, buffer.valid, texts=buffer)
        valid = buffer.codes >= 0
        spread = np.append(hashes, np.uint64(0))[buffer.codes]
        return _Seen(spread, None if valid.all() else valid, texts=buffer)

    def _sample_rows(self, hashes: Words, seen: dict[tuple[str, str], "_Seen"], names: Sequence[str] | None) -> None:
        size, held = size_for(len(self._columns)), self._sample
        at = np.arange(len(hashes))
        if not held.whole and len(held) >= size:
            at = np.flatnonzero(hashes <= held.hashes[size - 1])
        kept, first, place = np.unique(hashes[at], return_index=True, return_inverse=True)
        end = min(size, len(kept))
        counts = np.bincount(place, minlength=len(kept))[:end]
        chosen = at[first[:end]]
        cells = {name: one.cells(chosen) for name, one in seen.items()}
        least = None if names is None else _least(names, at, place, end=end)
        part = RowSample(kept[:end], counts, cells, least, whole=end == len(kept))
        self._sample = merged_samples(held, part, size=size)


class _Seen:
    """One column of a part: the hash of each cell, and what cells hold."""

    def __init__(self, hashes: Words, valid: NDArray[np.bool_] | None, **held: Words | TextBuffer) -> None:
        self.hashes, self.valid = hashes, valid
        self._held = held

    def cells(self, rows: NDArray[np.intp]) -> Cells:
        """The cells of some rows."""
        present = np.ones(len(rows), dtype=np.bool_) if self.valid is None else self.valid[rows]
        keys = self._held.get("keys")
        if isinstance(keys, np.ndarray):
            return Cells(present, np.where(present, keys[rows], np.uint64(0)))
        texts = self._held["texts"]
        if not isinstance(texts, TextBuffer) or not present.any():
            return nothing(len(rows), texts=True)
        there = rows[present] if texts.codes is None else texts.codes[rows[present]]
        some = Strings(texts.offsets, texts.data).taken(there, longest=SHOWN)
        return Cells(present, spread(some.sizes, some.data, present))


def _given(buffer: TextBuffer, hashes: Words) -> Given:
    """The texts that are there, each once for its row, or once for the dictionary with its number of rows."""
    texts = Strings(buffer.offsets, buffer.data)
    if buffer.codes is not None:
        weights = np.bincount(buffer.codes[buffer.codes >= 0], minlength=len(hashes))
    elif buffer.valid is not None:
        return Given(texts, hashes, None, np.flatnonzero(buffer.valid))
    else:
        return Given(texts, hashes)
    used = np.flatnonzero(weights)
    return Given(texts, hashes, weights, used if len(used) < len(weights) else None)


def _least(names: Sequence[str], at: NDArray[np.intp], place: NDArray[np.intp], *, end: int) -> list[str]:
    found: list[str | None] = [None] * end
    for row, where in zip(at.tolist(), place.tolist(), strict=True):
        if where < end:
            held = found[where]
            found[where] = names[row] if held is None else min(held, names[row])
    return [name or "" for name in found]
