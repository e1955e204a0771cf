"""The hash of values, texts and rows: ours, and frozen. A stored profile can be merged only with one that hashes alike.

It is a good mixer and no secret: who wants two texts to collide can make them. All arithmetic is modulo 2^64.

    mix(x)       x ^= x >> 33; x *= C1; x ^= x >> 33; x *= C2; x ^= x >> 33
    number       mix(key + G), where the key is that of `keys`
    text         mix((bytes + 1) * G + sum over words j = 0, 1, ... of scramble(word_j ^ (j + 1) * G)); words are 8
                 bytes, little-endian, the last one filled with zeros
    scramble(x)  x *= C1; x ^= x >> 32; x *= C2; x ^= x >> 29
    row          mix(G + sum over cells that are not missing of mix(hash of the cell + salt of the column))
    salt         text hash of the tag of the column, a zero byte, and its name in UTF-8

Source: `mix` is the finaliser of MurmurHash3 (Appleby 2011, public domain).
"""

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
"""64-bit words: keys, hashes."""

GOLDEN = 0x9E3779B97F4A7C15
FIRST = 0xFF51AFD7ED558CCD
SECOND = 0xC4CEB9FE1A85EC53

_G, _C1, _C2 = np.uint64(GOLDEN), np.uint64(FIRST), np.uint64(SECOND)
_29, _32, _33 = np.uint64(29), np.uint64(32), np.uint64(33)
_TAIL = np.array([0] + [(1 << (8 * size)) - 1 for size in range(1, 9)], dtype=np.uint64)


def mix(words: Words) -> Words:
    """Every bit of a word spread over all bits; one to one.

    >>> [hex(word) for word in mix(np.array([0, 1], dtype=np.uint64)).tolist()]
    ['0x0', '0xb456bcfc34c2cb2c']
    """
    mixed = words ^ (words >> _33)
    mixed *= _C1
    mixed ^= mixed >> _33
    mixed *= _C2
    mixed ^= mixed >> _33
    return mixed


def number_hashes(keys: Words) -> Words:
    """Hashes of numbers, from their keys."""
    return mix(keys + _G)


def text_hashes(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> Words:
    """Hashes of texts that lie end to end in `data`; text i is `data[offsets[i]:offsets[i + 1]]`.

    >>> found = text_hashes(np.array([0, 0, 3], dtype=np.int64), np.frombuffer(b"abc", dtype=np.uint8))
    >>> [hex(word) for word in found.tolist()] == [hex(text_hash(b"")), hex(text_hash(b"abc"))]
    True
    """
    sizes = np.diff(offsets)
    words_of = (sizes + 7) >> 3
    ends = np.cumsum(words_of)
    total = int(ends[-1]) if len(ends) else 0
    sums = np.zeros(len(sizes), dtype=np.uint64)
    if total:
        owner = np.repeat(np.arange(len(sizes)), words_of)
        place = np.arange(total) - np.repeat(ends - words_of, words_of)
        words = _gather(data, offsets[:-1][owner] + 8 * place, sizes[owner] - 8 * place)
        words ^= (place + 1).astype(np.uint64) * _G
        long = words_of > 0
        sums[long] = np.add.reduceat(_scramble(words), (ends - words_of)[long])
    return mix((sizes + 1).astype(np.uint64) * _G + sums)


def text_hash(data: bytes) -> int:
    """The hash of one text, written plainly: what the definition above says.

    >>> hex(text_hash(b"")), hex(text_hash(b"abc"))
    ('0x9ca066f1a4ab2eea', '0x34360599a8847424')
    """
    total = (len(data) + 1) * GOLDEN
    for number, start in enumerate(range(0, len(data), 8)):
        word = int.from_bytes(data[start : start + 8], "little") ^ ((number + 1) * GOLDEN & _MASK)
        word = word * FIRST & _MASK
        word = (word ^ word >> 32) * SECOND & _MASK
        total += word ^ word >> 29
    return int(mix(np.array([total & _MASK], dtype=np.uint64))[0])


def salt_of(tag: str, name: str) -> np.uint64:
    """What keeps equal values of two columns apart in the hash of a row."""
    return np.uint64(text_hash(tag.encode() + b"\0" + name.encode("utf-8", "surrogatepass")))


def _gather(data: NDArray[np.uint8], starts: NDArray[np.int64], left: NDArray[np.int64]) -> Words:
    """Little-endian words at any place; bytes past the end of their text count as zero."""
    padded = np.concatenate([data, np.zeros(8, dtype=np.uint8)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 8)
    words: Words = np.ascontiguousarray(windows[starts]).view("<u8").reshape(-1).astype(np.uint64, copy=False)
    return words & _TAIL[np.minimum(left, 8)]


def _scramble(words: Words) -> Words:
    words = words * _C1
    words ^= words >> _32
    words *= _C2
    words ^= words >> _29
    return words


_MASK = (1 << 64) - 1
