"""Values and patterns that stand often, with their counts: exact while every value is kept, else within bounds."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.measures.profile.countmin import DEPTH, Cells, most_often, places
from roadworthy.measures.profile.hashing import Words, text_hashes
from roadworthy.measures.profile.kinds import Value, values_of
from roadworthy.measures.profile.numbers import Numbers
from roadworthy.measures.profile.rows import Cells as SampleCells
from roadworthy.measures.profile.shapes import SHOWN, pattern_text, patterns_of
from roadworthy.measures.profile.strings import Strings, strings_of
from roadworthy.measures.profile.texts import Texts

_CHANCE = 2.72


class Counted(Struct, frozen=True):
    """A value with its rows.

    Attributes:
        value: a text longer than 64 bytes is given by its first 64.
        rows: the best guess of its rows.
        low: at least so many.
        high: at most so many.
    """

    value: Value
    rows: int
    low: int
    high: int


class Pattern(Struct, frozen=True):
    """A pattern with its rows, as `Counted`, and one text that has it."""

    pattern: str
    example: str
    rows: int
    low: int
    high: int


def top_numbers(state: Numbers, n: int) -> list[Counted]:
    """The most frequent numbers; of a column that is not kept exactly, those alone in their bucket."""
    alone = ~state.buckets.many
    keys, counts = state.buckets.value[alone], state.buckets.count[alone]
    if state.sketch is not None:
        keys, counts = keys[counts > 1], counts[counts > 1]
    order = np.lexsort((keys, -counts))[:n]
    values = values_of(state.tag, keys[order])
    return [Counted(value, rows, rows, rows) for value, rows in zip(values, counts[order].tolist(), strict=True)]


def top_texts(state: Texts, cells: SampleCells | None, counts: NDArray[np.int64], n: int) -> list[Counted]:
    """The most frequent texts; of a column that is not kept exactly, those that stand above the noise of its table."""
    entries = state.entries
    if state.sketch is None:
        order = np.lexsort((entries.hashes, -entries.counts))[:n]
        texts = entries.shown.texts()
        return [_sure(shown(texts[row]), int(entries.counts[row])) for row in order.tolist()]
    known = dict(
        zip(entries.hashes.tolist(), zip(entries.shown.texts(), entries.counts.tolist(), strict=True), strict=True)
    )
    seen = _seen(cells, counts)
    every = np.array(sorted({*known, *seen}), dtype=np.uint64)
    rows, most = _guessed(state.sketch.cells, every, state.rows)
    found = []
    for key, guess, high in zip(every.tolist(), rows, most, strict=True):
        if key in known:
            found.append(_sure(shown(known[key][0]), known[key][1]))
        else:
            found.append(Counted(shown(seen[key][0]), max(guess, seen[key][1]), seen[key][1], high))
    floor = _CHANCE * state.rows / state.sketch.cells.shape[1]
    kept = [one for one in found if one.rows > floor]
    return sorted(kept, key=lambda one: (-one.rows, str(one.value)))[:n]


def top_patterns(state: Texts, cells: SampleCells | None, n: int) -> list[Pattern]:
    """The most frequent patterns, with the first text (by its hash) that has each."""
    entries = state.entries
    texts = entries.shown.texts()
    if state.sketch is None:
        totals: dict[bytes, int] = {}
        examples: dict[bytes, bytes] = {}
        for text, pattern, rows in zip(texts, _patterns(texts), entries.counts.tolist(), strict=True):
            totals[pattern] = totals.get(pattern, 0) + rows
            examples.setdefault(pattern, text)
        exact = [Pattern(pattern_text(p), shown(examples[p]), rows, rows, rows) for p, rows in totals.items()]
        return sorted(exact, key=lambda one: (-one.rows, one.pattern))[:n]
    texts += [] if cells is None else [text for text in _texts(cells) if text]
    examples = {}
    for text, pattern in zip(texts, _patterns(texts), strict=True):
        examples.setdefault(pattern, text)
    names = sorted(examples)
    guesses, most = _guessed(state.sketch.patterns, _hashes(names), state.rows)
    floor = _CHANCE * state.rows / state.sketch.patterns.shape[1]
    found = [
        Pattern(pattern_text(name), shown(examples[name]), guess, 1, high)
        for name, guess, high in zip(names, guesses, most, strict=True)
        if guess > floor
    ]
    return sorted(found, key=lambda one: (-one.rows, one.pattern))[:n]


def shown(raw: bytes) -> str:
    """Kept bytes as text; what the cut left of a last character is dropped, other wrong bytes are marked.

    >>> shown("é".encode()[:1]), shown(b"ok")
    ('�', 'ok')
    """
    if len(raw) == SHOWN:
        for cut in range(1, 4):
            if raw[-cut] & 0xC0 != 0x80:
                wanted = 1 if raw[-cut] < 0x80 else 2 if raw[-cut] < 0xE0 else 3 if raw[-cut] < 0xF0 else 4
                raw = raw[:-cut] if wanted > cut else raw
                break
    return raw.decode("utf-8", "replace")


def _sure(value: str, rows: int) -> Counted:
    return Counted(value, rows, rows, rows)


def _texts(cells: SampleCells) -> list[bytes]:
    return cells.content.texts() if isinstance(cells.content, Strings) else []


def _seen(cells: SampleCells | None, counts: NDArray[np.int64]) -> dict[int, tuple[bytes, int]]:
    """Whole texts in the sample of rows, by hash, with the rows that the sample proves."""
    found: dict[int, tuple[bytes, int]] = {}
    if cells is None:
        return found
    kept = [
        (text, rows)
        for text, there, rows in zip(_texts(cells), cells.present.tolist(), counts.tolist(), strict=True)
        if there and len(text) < SHOWN
    ]
    hashes = _hashes([text for text, _ in kept])
    for key, (text, rows) in zip(hashes.tolist(), kept, strict=True):
        found[key] = (text, rows + found[key][1] if key in found else rows)
    return found


def _guessed(cells: Cells, hashes: Words, rows: int) -> tuple[list[int], list[int]]:
    """A guess of each count and the most that it can be.

    Source of the guess: Deng and Rafiei (2007), "count-mean-min": each cell less what other values are expected in it.
    """
    width = cells.shape[1]
    corrected = [
        cells[row][place] - (rows - cells[row][place]) / (width - 1) for row, place in enumerate(places(hashes, width))
    ]
    most = most_often(cells, hashes)
    guess = np.clip(np.sort(np.stack(corrected), axis=0)[DEPTH // 2], 0, most)
    return [round(one) for one in guess.tolist()], most.tolist()


def _hashes(texts: list[bytes]) -> Words:
    strings = strings_of(texts)
    return text_hashes(strings.offsets, strings.data)


def _patterns(texts: list[bytes]) -> list[bytes]:
    strings = strings_of(texts)
    return Strings(*patterns_of(strings.offsets[:-1], strings.sizes, strings.data)).texts()
