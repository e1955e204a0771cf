"""The frozen tokeniser: texts to counted terms. One code in training and in production, a row or a million at a time.

A term (a word, a pair of words, a few letters, a header mark) is known by a 52-bit key, computed from its folded
characters by a polynomial hash that needs no loop over words. Two of a million terms share a key with probability
1e-4, so keys stand for terms. All is integer arithmetic: the same text gives the same keys on every machine.
"""

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.steps.characters import CHARACTERS, DROP, Kind

VERSION = 1
KEY_BITS = np.uint64(52)
_KEY_MASK = np.uint64((1 << 52) - 1)
_BASE = 0x9E3779B97F4A7C15
_BASE_INVERSE = pow(_BASE, -1, 1 << 64)
_PAIR = np.uint64(0xD6E8FEB86659FD93)
_CHUNK_CHARACTERS = 200_000
_CHUNK_TEXTS = 2_048
_SPACE = np.uint32(32)
_BLANKS = re.compile(r"\s+")
_NEWLINE = np.uint32(10)


class Grams(Struct, frozen=True):
    """All terms of some texts in reading order: uint64 `keys`, the text of each, and where it stands in `points`."""

    keys: NDArray[np.uint64]
    texts: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    points: NDArray[np.uint32]


class Counts(Struct, frozen=True):
    """Terms by text: text `i` holds `keys[indptr[i]:indptr[i + 1]]`, ascending, each `times` times (float32)."""

    indptr: NDArray[np.int64]
    keys: NDArray[np.uint64]
    times: NDArray[np.float32]


Analyser = Callable[[Sequence[str]], Grams]


def words(texts: Sequence[str]) -> Grams:
    """Words of two or more characters, marks, single ideographs; and pairs of neighbours.

    >>> spelled(words(["Don't pay $$$!"]))
    ["don't", 'pay', '$$$!', "don't pay", 'pay $$$!']
    """
    points, bounds = _laid(texts)
    starts, ends = _word_spans(points)
    singles = _span_hashes(points, starts, ends)
    texts_of = np.searchsorted(bounds, starts, side="right") - 1
    together = texts_of[1:] == texts_of[:-1]
    pairs = (singles[:-1] * _PAIR + singles[1:])[together]
    return Grams(
        keys=_finished(np.concatenate([singles, pairs])),
        texts=np.concatenate([texts_of, texts_of[1:][together]]),
        starts=np.concatenate([starts, starts[:-1][together]]),
        ends=np.concatenate([ends, ends[1:][together]]),
        points=points,
    )


def single_words(texts: Sequence[str]) -> Grams:
    """Words alone, without pairs.

    >>> spelled(single_words(["at once"]))
    ['at', 'once']
    """
    points, bounds = _laid(texts)
    starts, ends = _word_spans(points)
    texts_of = np.searchsorted(bounds, starts, side="right") - 1
    return Grams(_finished(_span_hashes(points, starts, ends)), texts_of, starts, ends, points)


def letters(texts: Sequence[str]) -> Grams:
    """Three to five characters in a row that do not reach beyond a word; a space stands for the word's edge.

    >>> spelled(letters(["at 7"]))
    [' at', 'at ', ' 7 ', ' at ']
    """
    points, bounds = _laid(texts)
    points, bounds = _single_spaced(points, bounds)
    blank = points == _SPACE
    mixed = _mixed(points)
    keys, starts, ends = [], [], []
    valid, rolling = ~blank[1:-1], mixed[:-2] + mixed[1:-1] * np.uint64(_BASE)
    for size in (3, 4, 5):
        if size > 3:
            valid, rolling = valid[:-1] & ~blank[size - 2 : -1], rolling[:-1]
        rolling = rolling + mixed[size - 1 :] * np.uint64(pow(_BASE, size - 1, 1 << 64))
        at = np.flatnonzero(valid)
        keys.append(rolling[at])
        starts.append(at)
        ends.append(at + size)
    start = np.concatenate(starts)
    texts_of = np.searchsorted(bounds, start + 1, side="right") - 1
    return Grams(_finished(np.concatenate(keys)), texts_of, start, np.concatenate(ends), points)


def lines(texts: Sequence[str]) -> Grams:
    """Each line of a text as one term, as it stands.

    >>> spelled(lines(["mailer:mutt" + chr(10) + "top:org"]))
    ['mailer:mutt', 'top:org']
    """
    points, bounds = _joined(texts)
    breaks = np.flatnonzero(points == _NEWLINE)
    starts = np.concatenate([[0], breaks[:-1] + 1]) if len(breaks) else np.empty(0, np.int64)
    full = breaks > starts
    starts, ends = starts[full], breaks[full]
    texts_of = np.searchsorted(bounds, starts, side="right") - 1
    return Grams(_finished(_span_hashes(points, starts, ends)), texts_of, starts, ends, points)


ANALYSERS: dict[str, Analyser] = {"words": words, "single_words": single_words, "letters": letters, "lines": lines}


def count(texts: Sequence[str], analyser: Analyser) -> Counts:
    """Terms of each text and how often it holds them."""
    sizes, keys, times = [np.zeros(1, np.int64)], [], []
    for chunk in _chunks(texts):
        grams = analyser(chunk)
        both = (grams.texts.astype(np.uint64) << KEY_BITS) | grams.keys
        both.sort()
        first = np.flatnonzero(np.concatenate([[True], both[1:] != both[:-1]])) if both.size else np.empty(0, np.int64)
        keys.append(both[first] & _KEY_MASK)
        times.append(np.diff(np.append(first, both.size)).astype(np.float32))
        sizes.append(np.bincount((both[first] >> KEY_BITS).astype(np.int64), minlength=len(chunk)))
    if not keys:
        return Counts(np.zeros(1, np.int64), np.empty(0, np.uint64), np.empty(0, np.float32))
    return Counts(np.cumsum(np.concatenate(sizes)), np.concatenate(keys), np.concatenate(times))


def spell(keys: NDArray[np.uint64], texts: Sequence[str], analyser: Analyser) -> list[str]:
    """What the given ascending keys stand for, looked up in texts that hold them; `` for those not found."""
    found = np.full(len(keys), "", dtype=object)
    missing = np.ones(len(keys), dtype=bool)
    for chunk in _chunks(texts):
        if not missing.any():
            break
        grams = analyser(chunk)
        key, first = np.unique(grams.keys, return_index=True)
        at = np.searchsorted(keys, key)
        at[at == len(keys)] = 0
        new = (keys[at] == key) & missing[at]
        for place, gram in zip(at[new], first[new], strict=True):
            found[place] = _read(grams, int(gram))
        missing[at[new]] = False
    return [str(term) for term in found]


def spelled(grams: Grams) -> list[str]:
    """The terms themselves, in the order of the keys."""
    return [_read(grams, gram) for gram in range(len(grams.keys))]


def _read(grams: Grams, gram: int) -> str:
    points = grams.points[grams.starts[gram] : grams.ends[gram]]
    return _BLANKS.sub(" ", points.astype("<u4").tobytes().decode("utf-32-le", "replace"))


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    first, characters = 0, 0
    for place, text in enumerate(texts):
        characters += len(text)
        if characters >= _CHUNK_CHARACTERS or place - first + 1 >= _CHUNK_TEXTS:
            yield texts[first : place + 1]
            first, characters = place + 1, 0
    if first < len(texts):
        yield texts[first:]


def _joined(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Code points of the texts, each followed by a newline, and where each text begins."""
    joined = "\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass")
    bounds = np.cumsum([0] + [len(text) + 1 for text in texts], dtype=np.int64)
    return np.frombuffer(joined, dtype="<u4").astype(np.uint32, copy=False), bounds


def _laid(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Folded code points without what no reader sees."""
    points, bounds = _joined(texts)
    folded = CHARACTERS.folded(points)
    seen = folded != DROP
    if seen.all():
        return folded, bounds
    return folded[seen], np.concatenate([[0], np.cumsum(seen)])[bounds]


def _word_spans(points: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    kind = CHARACTERS.kinds(points)
    letter = kind == Kind.WORD
    joins = np.flatnonzero((kind[1:-1] == Kind.JOINER) & letter[:-2] & letter[2:]) + 1
    kind[joins] = Kind.WORD
    edge = np.ones(len(kind), dtype=np.bool_)
    edge[1:] = (kind[1:] != kind[:-1]) | (kind[1:] == Kind.SINGLE)
    starts = np.flatnonzero(edge)
    ends = np.append(starts[1:], len(points))
    what = kind[starts]
    token = ((what == Kind.WORD) & (ends - starts > 1)) | (what == Kind.MARK) | (what == Kind.SINGLE)
    return starts[token], ends[token]


def _single_spaced(
    points: NDArray[np.uint32], bounds: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Every run of white space as one space, and one before the first text."""
    blank = np.concatenate([[True], CHARACTERS.kinds(points) == Kind.SPACE])
    points = np.where(blank, _SPACE, np.concatenate([[_SPACE], points]))
    kept = np.concatenate([[True], ~(blank[1:] & blank[:-1])])
    return points[kept], np.concatenate([[0], np.cumsum(kept)])[bounds + 1]


def _mixed(points: NDArray[np.uint32]) -> NDArray[np.uint64]:
    mixed: NDArray[np.uint64] = (points.astype(np.uint64) + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0x94D049BB133111EB)
    return mixed


def _span_hashes(points: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Sum of mixed[j] * BASE**(j - start) over each span, modulo 2**64, read off prefix sums."""
    powers = _powers(_BASE, len(points) + 1)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_mixed(points) * powers[:-1])])
    spans: NDArray[np.uint64] = (sums[ends] - sums[starts]) * _powers(_BASE_INVERSE, len(points) + 1)[starts]
    return spans


def _powers(base: int, size: int) -> NDArray[np.uint64]:
    powers = np.full(size, base, dtype=np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _finished(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    hashes = (hashes ^ (hashes >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    hashes = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return hashes >> np.uint64(12)
