"""The kernel in compiled loops, for large tables; it gives the bytes of `plain`.

This is the one file that imports numba. It is loaded by name where it is wanted, since the import costs half a
second. The machine code is kept beside this file, or in the user's cache folder where this one cannot be written.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from roadworthy.measures.profile.buckets import Buckets, shift_for
from roadworthy.measures.profile.countmin import APART, DEPTH, STEP
from roadworthy.measures.profile.hashing import FIRST, GOLDEN, SECOND, Words
from roadworthy.measures.profile.kernels import Shapes, Tally
from roadworthy.measures.profile.keys import NAN, SIGN
from roadworthy.measures.profile.moments import Sums, assembled
from roadworthy.measures.profile.registers import BITS, REGISTERS, Registers, registers_from
from roadworthy.measures.profile.shapes import CLASS, DIGIT, PADDED, PATTERNED
from roadworthy.measures.profile.shapes import SIGN as PATTERN_SIGN

F = TypeVar("F", bound=Callable[..., Any])
Machine = Any
"""What numba infers: arrays of words, words, whole numbers."""

# numba makes a double of an unsigned and a signed word, so every number beside a word is a word
_G, _C1, _C2 = np.uint64(GOLDEN), np.uint64(FIRST), np.uint64(SECOND)
_APART, _STEP = np.uint64(APART), np.uint64(STEP)
_0, _1, _8, _26, _29 = (np.uint64(number) for number in (0, 1, 8, 26, 29))
_32, _33, _48, _52, _63 = (np.uint64(number) for number in (32, 33, 48, 52, 63))
_PATTERNED = np.uint64(PATTERNED)
_EXPONENT, _FRACTION = np.uint64(0x7FF << 52), np.uint64((1 << 52) - 1)
_REST = np.uint64((1 << (64 - BITS)) - 1)
_TOP = np.uint64(64 - BITS)
_LOW = np.uint64((1 << 26) - 1)
_SOME = 32_768

# one word for each byte: its sign, from bit 8 on its class, and in bit 16 whether a character begins with it
_FACTS = (
    PATTERN_SIGN
    | CLASS.astype(np.uint32) << 8
    | ((np.arange(256, dtype=np.uint32) & 0xC0) != 0x80) * np.uint32(1 << 16)
)
_SIGNS, _CLASSES, _BEGINS, _PADDED = np.uint32(0xFF), np.uint32(8), np.uint32(16), np.uint32(PADDED << 8)
_ZERO = ord("0")


def compiled(function: F) -> F:
    """Machine code, cached on disk where any folder can be written. It counts no references: nothing is allocated."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
    try:
        made: Any = njit(cache=True, **options)(function)
    except RuntimeError:
        made = njit(**options)(function)
    return cast(F, made)


def inlined(function: F) -> F:
    """Code that is written out wherever it is called."""
    return cast(F, njit(inline="always")(function))


@inlined
def _mix(word: Machine) -> Machine:
    word ^= word >> _33
    word *= _C1
    word ^= word >> _33
    word *= _C2
    return word ^ (word >> _33)


@inlined
def _scramble(word: Machine) -> Machine:
    word *= _C1
    word ^= word >> _32
    word *= _C2
    return word ^ (word >> _29)


@compiled
def _float_keys(bits: Machine, keys: Machine) -> Machine:
    for row in range(bits.shape[0]):
        word = bits[row]
        if word == SIGN:
            word = _0
        if (word & _EXPONENT) == _EXPONENT and (word & _FRACTION) != _0:
            keys[row] = NAN
        else:
            keys[row] = word ^ ((_0 - (word >> _63)) | SIGN)


@compiled
def _number_hashes(keys: Machine, hashes: Machine) -> Machine:
    for row in range(keys.shape[0]):
        hashes[row] = _mix(keys[row] + _G)


@compiled
def _add_cells(rows: Machine, hashes: Machine, salt: Machine) -> Machine:
    for row in range(rows.shape[0]):
        rows[row] += _mix(hashes[row] + salt)


@compiled
def _add_some_cells(rows: Machine, hashes: Machine, valid: Machine, salt: Machine) -> Machine:
    for row in range(rows.shape[0]):
        rows[row] += _mix(hashes[row] + salt) * np.uint64(valid[row])


@inlined
def _text_hash(data: Machine, words: Machine, at: Machine, end: Machine) -> Machine:
    total, salt = (end - at + _1) * _G, _G
    while at + _8 <= end:
        total += _scramble(words[at] ^ salt)
        salt += _G
        at += _8
    if at < end:
        if end >= _8:
            # the word that ends with the text, without what stands before
            word = words[end - _8] >> (_8 * (_8 - (end - at)))
        else:
            word, shift = _0, _0
            while at < end:
                word |= np.uint64(data[at]) << shift
                shift += _8
                at += _1
        total += _scramble(word ^ salt)
    return _mix(total)


@compiled
def _text_hashes(offsets: Machine, data: Machine, words: Machine, hashes: Machine) -> Machine:
    for row in range(offsets.shape[0] - 1):
        hashes[row] = _text_hash(data, words, offsets[row], offsets[row + 1])


@inlined
def _slot(word: Machine, mask: Machine) -> Machine:
    """Where a word is looked for first: the highest bits depend on all others (Knuth's multiplicative hash)."""
    return ((word * _G) >> _48) & mask


@compiled
def _tally(words: Machine, limit: Machine, slots: Machine, places: Machine) -> Machine:
    mask, used = np.uint64(slots.shape[0] - 1), 0
    for row in range(words.shape[0]):
        word = words[row]
        slot = _slot(word, mask)
        while slots[slot, 1] != _0 and slots[slot, 0] != word:
            slot = (slot + _1) & mask
        if slots[slot, 1] == _0:
            if used == limit:
                return -1
            used += 1
            slots[slot, 0] = word
            places[slot] = row
        slots[slot, 1] += _1
    return used


@compiled
def _collapse(table: Machine, spare: Machine) -> Machine:
    """Halve the number of keys: drop one more bit."""
    for row in range(table.shape[0]):
        for place in range(4):
            spare[row, place], table[row, place] = table[row, place], _0
    mask, used = np.uint64(table.shape[0] - 1), 0
    for row in range(spare.shape[0]):
        if spare[row, 1] != _0:
            prefix = spare[row, 0] >> _1
            slot = _slot(prefix, mask)
            while table[slot, 1] != _0 and table[slot, 0] != prefix:
                slot = (slot + _1) & mask
            if table[slot, 1] == _0:
                used += 1
                table[slot, 0] = prefix
                table[slot, 2] = spare[row, 2]
                table[slot, 3] = spare[row, 3]
            elif table[slot, 2] != spare[row, 2]:
                table[slot, 3] = _1
            table[slot, 3] |= spare[row, 3]
            table[slot, 1] += spare[row, 1]
    return used


@compiled
def _buckets(keys: Machine, shift: Machine, limit: Machine, table: Machine, spare: Machine) -> Machine:
    """Rows of the table: prefix, count, first key, whether there was another one."""
    mask, used = np.uint64(table.shape[0] - 1), 0
    for row in range(keys.shape[0]):
        key = keys[row]
        prefix = key >> shift
        slot = _slot(prefix, mask)
        while table[slot, 1] != _0 and table[slot, 0] != prefix:
            slot = (slot + _1) & mask
        if table[slot, 1] == _0:
            used += 1
            table[slot, 0] = prefix
            table[slot, 2] = key
        elif table[slot, 2] != key:
            table[slot, 3] = _1
        table[slot, 1] += _1
        while used > limit:
            used = _collapse(table, spare)
            shift += _1
    return shift


@compiled
def _registers(hashes: Machine, least: Machine) -> Machine:
    """For each register the smallest rest of its hashes: the one with most leading zeros."""
    for row in range(hashes.shape[0]):
        word = hashes[row]
        place, rest = word >> _TOP, word & _REST
        least[place] = min(least[place], rest)


@compiled
def _float_sums(keys: Machine, limbs: Machine) -> Machine:
    """Rows of limbs by exponent: low, high, and low and high halves of three products; returns the whole numbers."""
    whole = 0
    for row in range(keys.shape[0]):
        key = keys[row]
        negative = np.int64(key >> _63) - 1
        bits = key ^ SIGN if negative == 0 else ~key
        exponent = (bits >> _52) & np.uint64(0x7FF)
        mantissa = bits & _FRACTION
        if exponent != _0:
            mantissa |= _1 << _52
        below: Machine = np.int64(1075) - np.int64(exponent)
        below = min(max(below, 0), 53)
        whole += (mantissa & ((_1 << np.uint64(below)) - _1)) == _0
        low, high = np.int64(mantissa & _LOW), np.int64(mantissa >> _26)
        one, two, three = high * high, high * low, low * low
        limbs[exponent, 0] += (low ^ negative) - negative
        limbs[exponent, 1] += (high ^ negative) - negative
        limbs[exponent, 2] += one & 0xFFFFFFFF
        limbs[exponent, 3] += one >> 32
        limbs[exponent, 4] += two & 0xFFFFFFFF
        limbs[exponent, 5] += two >> 32
        limbs[exponent, 6] += three & 0xFFFFFFFF
        limbs[exponent, 7] += three >> 32
    return whole


@compiled
def _int_sums(keys: Machine, flip: Machine, signed: Machine, limbs: Machine) -> Machine:
    """Low and high half; low and high halves of the products of low and low, high and low, high and high."""
    for row in range(keys.shape[0]):
        word = keys[row] ^ flip
        low = np.int64(word & np.uint64(0xFFFFFFFF))
        high = np.int64(word) >> 32 if signed else np.int64(word >> _32)
        limbs[0] += low
        limbs[1] += high
        square = np.uint64(low) * np.uint64(low)
        limbs[2] += np.int64(square & np.uint64(0xFFFFFFFF))
        limbs[3] += np.int64(square >> _32)
        # a product of halves may need all 64 bits, so the first one is halved again
        for part, at in ((low & 0xFFFF, 4), (low >> 16, 6)):
            product = high * part
            limbs[at] += product & 0xFFFFFFFF
            limbs[at + 1] += product >> 32
        size = np.uint64(high if high >= 0 else -high)
        square = size * size
        limbs[8] += np.int64(square & np.uint64(0xFFFFFFFF))
        limbs[9] += np.int64(square >> _32)


@compiled
def _cells(hashes: Machine, weights: Machine, weighed: Machine, cells: Machine) -> Machine:
    mask = np.uint64(cells.shape[1] - 1)
    for row in range(hashes.shape[0]):
        spread = _mix(hashes[row] ^ _APART)
        weight = weights[row] if weighed else 1
        for depth in range(cells.shape[0]):
            cells[depth, (spread >> (_STEP * np.uint64(depth))) & mask] += weight


@compiled
def _shapes(offsets: Machine, data: Machine, out: Machine, signs: Machine, words: Machine) -> Machine:
    """No branch depends on the bytes: a sign is written over itself until another one follows."""
    chars, classes, patterns = out
    for row in range(offsets.shape[0] - 1):
        at, end = offsets[row], offsets[row + 1]
        seen, count, size, before = np.uint32(0), _0, _0, np.uint32(256)
        middle = min(end, at + _PATTERNED)
        for place in range(at, middle):
            facts = _FACTS[data[place]]
            seen |= facts
            count += np.uint64(facts >> _BEGINS)
            size += np.uint64((facts & _SIGNS) != before)
            before = facts & _SIGNS
            signs[size - _1] = before
        for place in range(middle, end):
            facts = _FACTS[data[place]]
            seen |= facts
            count += np.uint64(facts >> _BEGINS)
        if end > at + _1 and data[at] == _ZERO and CLASS[data[at + _1]] == DIGIT:
            seen |= _PADDED
        chars[row], classes[row] = count, (seen >> _CLASSES) & _SIGNS
        patterns[row] = _text_hash(signs, words, _0, size)


class CompiledKernel:
    """See `kernels.Kernel`."""

    def float_keys(self, values: NDArray[np.float64]) -> Words:
        """See `keys`."""
        keys = np.empty(len(values), dtype=np.uint64)
        _float_keys(values.view(np.uint64), keys)
        return keys

    def number_hashes(self, keys: Words) -> Words:
        """See `hashing`."""
        hashes = np.empty(len(keys), dtype=np.uint64)
        _number_hashes(keys, hashes)
        return hashes

    def text_hashes(self, offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> Words:
        """See `hashing`."""
        hashes = np.empty(len(offsets) - 1, dtype=np.uint64)
        _text_hashes(offsets.view(np.uint64), data, _words(data), hashes)
        return hashes

    def add_cells(self, rows: Words, hashes: Words, *, valid: NDArray[np.bool_] | None, salt: np.uint64) -> None:
        """Add `mix(hash + salt)` to the sum of each row that has a value, in place."""
        if valid is None:
            _add_cells(rows, hashes, salt)
        else:
            _add_some_cells(rows, hashes, valid, salt)

    def tally(self, words: Words, *, limit: int) -> Tally | None:
        """Every distinct word with its count; None if there are more than `limit`."""
        size = _capacity(min(limit, len(words)))
        slots, places = np.zeros((size, 2), dtype=np.uint64), np.empty(size, dtype=np.int64)
        if _tally(words, limit, slots, places) < 0:
            return None
        used = np.flatnonzero(slots[:, 1])
        used = used[np.argsort(slots[used, 0])]
        return Tally(slots[used, 0], slots[used, 1].view(np.int64), places[used])

    def buckets(self, keys: Words, *, shift: int, limit: int) -> Buckets:
        """Keys in at most `limit` buckets, by the least shift that is at least `shift`."""
        table = np.zeros((_capacity(limit), 4), dtype=np.uint64)
        if shift == 0:
            # what some keys need, all of them need
            shift = shift_for(np.sort(keys[:_SOME]), limit)
        found = np.uint64(_buckets(keys, np.uint64(shift), limit, table, np.empty_like(table)))
        rows = table[table[:, 1] > 0]
        rows = rows[np.argsort(rows[:, 0])]
        prefix, many = rows[:, 0].copy(), rows[:, 3] > 0
        value = np.where(many, prefix << found, rows[:, 2])
        return Buckets(int(found), prefix, rows[:, 1].astype(np.int64), value, many)

    def registers(self, hashes: Words) -> Registers:
        """See `registers`."""
        least = np.full(REGISTERS, 1 << (64 - BITS), dtype=np.uint64)
        _registers(hashes, least)
        return registers_from(least)

    def float_sums(self, keys: Words) -> Sums:
        """See `moments`."""
        limbs = np.zeros((2048, 8), dtype=np.int64)
        whole = int(_float_sums(keys, limbs))
        there = np.flatnonzero(limbs.any(axis=1))
        parts = [
            [row[0], row[1], row[2] + (row[3] << 32), row[4] + (row[5] << 32), row[6] + (row[7] << 32)]
            for row in limbs[there].tolist()
        ]
        return Sums(*assembled(there, parts), whole)

    def int_sums(self, keys: Words, *, signed: bool) -> Sums:
        """See `moments`."""
        limbs = np.zeros(10, dtype=np.int64)
        _int_sums(keys, SIGN if signed else np.uint64(0), signed, limbs)
        low, high, *parts = limbs.tolist()
        low_low, first, second, high_high = (parts[at] + (parts[at + 1] << 32) for at in (0, 2, 4, 6))
        squares = low_low + ((first + (second << 16)) << 33) + (high_high << 64)
        return Sums(low + (high << 32), squares, len(keys))

    def cells(self, hashes: Words, weights: NDArray[np.int64] | None, *, width: int) -> NDArray[np.int64]:
        """Cells of a Count-Min table, see `countmin`."""
        found = np.zeros((DEPTH, width), dtype=np.int64)
        _cells(hashes, np.ones(1, dtype=np.int64) if weights is None else weights, weights is not None, found)
        return found

    def shapes(self, offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> Shapes:
        """See `shapes`."""
        rows = len(offsets) - 1
        chars, classes = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.uint8)
        patterns = np.empty(rows, dtype=np.uint64)
        signs = np.zeros(PATTERNED, dtype=np.uint8)
        _shapes(offsets.view(np.uint64), data, (chars, classes, patterns), signs, _words(signs))
        return Shapes(chars, classes, patterns)


def _words(data: NDArray[np.uint8]) -> Words:
    """The eight bytes that begin at each byte, as words that overlap in memory."""
    size = max(len(data) - 7, 0)
    return np.ndarray((size,), dtype=np.uint64, buffer=data if size else np.zeros(8, dtype=np.uint8), strides=(1,))


def _capacity(limit: int) -> int:
    """Slots of a table that is at most half full."""
    return 1 << (2 * limit - 1).bit_length()
