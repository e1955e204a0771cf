"""The bytes of a profile: one form for one profile, documented in docs/profile.md, made to be read in ten years.

    8 bytes    "RWPROF" and the version as two bytes, big-endian: 1
    8 bytes    length of the payload, big-endian
    32 bytes   SHA-256 of the payload
    the rest   the payload, compressed as a zlib stream (RFC 1950)

The payload is MessagePack of the arrays below. An array of numbers is a byte string: a first byte w (1, 2, 4 or 8;
0x80 added if what follows are differences, the first one from 0), and then all lowest bytes, all second bytes, and so
on.
"""

import hashlib
import zlib
from collections.abc import Mapping

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.profile.buckets import Buckets
from roadworthy.measures.profile.countmin import DEPTH
from roadworthy.measures.profile.kinds import TAGS, TEXTS
from roadworthy.measures.profile.moments import Sums
from roadworthy.measures.profile.numbers import Numbers, Sketch
from roadworthy.measures.profile.packing import pack, unpack, whole, whole_bytes
from roadworthy.measures.profile.registers import BITS, REGISTERS
from roadworthy.measures.profile.rows import Cells, RowSample
from roadworthy.measures.profile.state import Column, State
from roadworthy.measures.profile.strings import Strings, spread
from roadworthy.measures.profile.texts import PATTERN_CELLS, VALUE_CELLS, Entries, Texts, TextSketch

VERSION = 1
_MAGIC = b"RWPROF" + VERSION.to_bytes(2, "big")
_HEAD = 48
_LARGEST = 1 << 28


class _Numbers(Struct, array_like=True, frozen=True):
    """Buckets, rows that are no finite number, and the sketch: registers, sums, ends, zeros."""

    shift: int
    prefix: bytes
    count: bytes
    many: bytes
    rest: bytes
    special: tuple[int, int, int]
    sketch: tuple[bytes, bytes, bytes, int, int, int, int] | None


class _Texts(Struct, array_like=True, frozen=True):
    """Entries, and the sketch: level, registers, cells, patterns, classes, lengths."""

    hashes: bytes
    counts: bytes
    chars: bytes
    classes: bytes
    sizes: bytes
    data: bytes
    sketch: tuple[int, bytes, bytes, bytes, bytes, _Numbers] | None


class _Cells(Struct, array_like=True, frozen=True):
    """Which rows of the sample have a value (bits), keys or lengths of those, texts end to end."""

    present: bytes
    words: bytes
    data: bytes


class _Column(Struct, array_like=True, frozen=True):
    """Name, position, and by tag the state and the cells of the sample."""

    name: str
    position: int
    numbers: list[tuple[str, _Numbers, _Cells | None]]
    texts: list[tuple[str, _Texts, _Cells | None]]


class _Payload(Struct, array_like=True, frozen=True):
    """Rows, columns by name, and the sample: hashes, counts, names, whether it is all."""

    rows: int
    columns: list[_Column]
    sample: tuple[bytes, bytes, list[str] | None, bool]


def encoded(rows: int, columns: Mapping[str, Column], sample: RowSample) -> bytes:
    """The payload of a profile."""
    made = [_column_out(name, columns[name], sample) for name in sorted(columns, key=lambda name: name.encode())]
    outline = (pack(sample.hashes, ascending=True), pack(sample.counts), sample.names, sample.whole)
    return msgspec.msgpack.encode(_Payload(rows, made, outline))


def sealed(payload: bytes) -> bytes:
    """A payload with its head, compressed."""
    return _MAGIC + len(payload).to_bytes(8, "big") + hashlib.sha256(payload).digest() + zlib.compress(payload, 6)


def opened(data: bytes) -> bytes:
    """The payload, if the head fits.

    Raises:
        MeasureError: if these bytes are no profile, are of another version, cut off or changed.
    """
    if len(data) < _HEAD or data[:6] != _MAGIC[:6]:
        raise _wrong("these bytes are no profile", "give the bytes that `to_bytes` gave")
    version = int.from_bytes(data[6:8], "big")
    if version != VERSION:
        raise _wrong(f"this profile is of version {version}", f"read it with a release that knows version {version}")
    size = int.from_bytes(data[8:16], "big")
    if size > _LARGEST:
        raise _wrong(f"this profile says that it holds {size:,} bytes", f"no profile holds more than {_LARGEST:,}")
    reader = zlib.decompressobj()
    try:
        payload = reader.decompress(data[_HEAD:], size + 1)
    except zlib.error as err:
        raise _wrong("this profile is damaged", _AGAIN) from err
    if len(payload) != size or not reader.eof or reader.unused_data:
        raise _wrong("this profile is cut off, or longer than it says", _AGAIN)
    if hashlib.sha256(payload).digest() != data[16:_HEAD]:
        raise _wrong("this profile was changed: its checksum differs", _AGAIN)
    return payload


def decoded(payload: bytes) -> tuple[int, dict[str, Column], RowSample]:
    """What `encoded` was given, columns in the order of the table.

    Raises:
        MeasureError: if the payload does not hold together.
    """
    try:
        found = msgspec.msgpack.decode(payload, type=_Payload)
        hashes, counts, names, whole_ = found.sample
        cells: dict[tuple[str, str], Cells] = {}
        size = len(unpack(hashes))
        columns = {one.name: _column_in(one, size, cells) for one in found.columns}
        sample = RowSample(unpack(hashes), _signed(counts), cells, names, whole_)
        _demand(len(sample.counts) == size and (names is None or len(names) == size))
    except (ValueError, IndexError, OverflowError, msgspec.MsgspecError) as err:
        raise _wrong(f"this profile does not hold together: {err}", _AGAIN) from err
    return found.rows, columns, sample


def _column_out(name: str, column: Column, sample: RowSample) -> _Column:
    numbers: list[tuple[str, _Numbers, _Cells | None]] = []
    texts: list[tuple[str, _Texts, _Cells | None]] = []
    for tag, state in sorted(column.states.items()):
        cells = sample.cells.get((name, tag))
        held = None if cells is None else _cells_out(cells)
        if isinstance(state, Numbers):
            numbers.append((tag, _numbers_out(state), held))
        else:
            texts.append((tag, _texts_out(state), held))
    return _Column(name, column.position, numbers, texts)


def _column_in(found: _Column, rows: int, cells: dict[tuple[str, str], Cells]) -> Column:
    states: dict[str, State] = {}
    for tag, numbers, held in found.numbers:
        _demand(tag in TAGS and tag not in TEXTS)
        states[tag] = _numbers_in(tag, numbers)
        if held is not None:
            cells[found.name, tag] = _cells_in(held, rows, texts=False)
    for tag, texts, held in found.texts:
        _demand(tag in TEXTS)
        states[tag] = _texts_in(tag, texts)
        if held is not None:
            cells[found.name, tag] = _cells_in(held, rows, texts=True)
    return Column(found.position, states)


def _numbers_out(state: Numbers) -> _Numbers:
    buckets, sketch = state.buckets, state.sketch
    # of a value that stands alone in its bucket, the prefix leaves the low bits to tell
    rest = buckets.value[~buckets.many] & np.uint64((1 << buckets.shift) - 1)
    kept = None
    if sketch is not None:
        sums = (whole_bytes(sketch.sums.total), whole_bytes(sketch.sums.squares), sketch.sums.whole)
        kept = (sketch.registers.tobytes(), *sums, sketch.least, sketch.most, sketch.zeros)
    return _Numbers(
        shift=buckets.shift,
        prefix=pack(buckets.prefix, ascending=True),
        count=pack(buckets.count),
        many=_bits_out(buckets.many),
        rest=pack(rest) if buckets.shift else b"",
        special=(state.nan, state.above, state.below),
        sketch=kept,
    )


def _numbers_in(tag: str, found: _Numbers) -> Numbers:
    _demand(0 <= found.shift < 64)
    prefix, count = unpack(found.prefix), _signed(found.count)
    many = _bits_in(found.many, len(prefix))
    value = prefix << np.uint64(found.shift)
    if found.shift:
        value[~many] |= unpack(found.rest)
    _demand(len(count) == len(prefix) and bool((count > 0).all()) and _ascends(prefix))
    sketch = None
    if found.sketch is not None:
        registers, total, squares, wholes, least, most, zeros = found.sketch
        sums = Sums(whole(total), whole(squares), wholes)
        sketch = Sketch(_registers(registers), sums, least, most, zeros)
    return Numbers(tag, Buckets(found.shift, prefix, count, value, many), *found.special, sketch)


def _texts_out(state: Texts) -> _Texts:
    entries, sketch = state.entries, state.sketch
    kept = None
    if sketch is not None:
        kept = (
            sketch.level,
            sketch.registers.tobytes(),
            pack(sketch.cells.reshape(-1)),
            pack(sketch.patterns.reshape(-1)),
            pack(sketch.classes),
            _numbers_out(sketch.lengths),
        )
    return _Texts(
        hashes=pack(entries.hashes, ascending=True),
        counts=pack(entries.counts),
        chars=pack(entries.chars),
        classes=entries.classes.tobytes(),
        sizes=pack(entries.shown.sizes),
        data=entries.shown.data.tobytes(),
        sketch=kept,
    )


def _texts_in(tag: str, found: _Texts) -> Texts:
    hashes, counts, chars, sizes = (unpack(part) for part in (found.hashes, found.counts, found.chars, found.sizes))
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    classes = np.frombuffer(found.classes, dtype=np.uint8)
    data = np.frombuffer(found.data, dtype=np.uint8)
    _demand(len({len(hashes), len(counts), len(chars), len(sizes), len(classes)}) == 1)
    _demand(int(offsets[-1]) == len(data) and _ascends(hashes))
    entries = Entries(hashes, counts.view(np.int64), chars.view(np.int64), classes, Strings(offsets, data))
    if found.sketch is None:
        return Texts(tag, entries)
    level, registers, cells, patterns, by_class, lengths = found.sketch
    sketch = TextSketch(
        level=level,
        registers=_registers(registers),
        cells=_signed(cells).reshape(DEPTH, -1),
        patterns=_signed(patterns).reshape(DEPTH, -1),
        classes=_signed(by_class),
        lengths=_numbers_in("integer", lengths),
    )
    _demand(sketch.cells.shape[1] == VALUE_CELLS and sketch.patterns.shape[1] == PATTERN_CELLS and 0 <= level < 64)
    _demand(len(sketch.classes) == 256)
    return Texts(tag, entries, sketch)


def _cells_out(cells: Cells) -> _Cells:
    present = _bits_out(cells.present)
    if isinstance(cells.content, Strings):
        return _Cells(present, pack(cells.content.sizes[cells.present]), cells.content.data.tobytes())
    return _Cells(present, pack(cells.content[cells.present]), b"")


def _cells_in(found: _Cells, rows: int, *, texts: bool) -> Cells:
    present = _bits_in(found.present, rows)
    words = unpack(found.words)
    _demand(len(words) == int(present.sum()))
    if not texts:
        content = np.zeros(rows, dtype=np.uint64)
        content[present] = words
        return Cells(present, content)
    strings = spread(words.view(np.int64), np.frombuffer(found.data, dtype=np.uint8), present)
    _demand(int(strings.offsets[-1]) == len(found.data) and bool((strings.sizes >= 0).all()))
    return Cells(present, strings)


def _bits_out(bits: NDArray[np.bool_]) -> bytes:
    return np.packbits(bits).tobytes()


def _bits_in(data: bytes, size: int) -> NDArray[np.bool_]:
    _demand(len(data) == (size + 7) // 8)
    return np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=size).astype(np.bool_)


def _signed(data: bytes) -> NDArray[np.int64]:
    return unpack(data).view(np.int64)


def _registers(data: bytes) -> NDArray[np.uint8]:
    found = np.frombuffer(data, dtype=np.uint8)
    _demand(len(found) == REGISTERS and int(found.max()) <= 64 - BITS + 1)
    return found


def _ascends(words: NDArray[np.uint64]) -> bool:
    return bool((words[1:] > words[:-1]).all())


def _demand(holds: bool) -> None:  # a claim, not an option
    if not holds:
        raise ValueError("its parts do not fit together")


def _wrong(what: str, fix: str) -> MeasureError:
    return MeasureError(what, where="bytes of a profile", fix=fix)


_AGAIN = "make it again from the data, or fetch the file again"
