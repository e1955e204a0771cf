"""WAV files: what their header says, what is really there, and their samples.

Source: Microsoft and IBM (1991), Multimedia Programming Interface and Data Specifications 1.0; for the larger form
EBU Tech 3306 (RF64).
"""

import struct
from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from roadworthy.data.media.loudness import Sound
from roadworthy.data.media.trouble import TroubleError

PCM, FLOAT, A_LAW, MU_LAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
ENCODINGS = {PCM: "pcm", FLOAT: "float", A_LAW: "a-law", MU_LAW: "mu-law"}
_UNKNOWN = (0, 0xFFFFFFFF)
"""Lengths that programs write which do not yet know it."""
_PIECE = 1 << 16
_MOST_CHANNELS, _MOST_RATE = 64, 1_000_000
_SIZES = {(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64), (A_LAW, 8), (MU_LAW, 8)}


class Wav(Struct, frozen=True, kw_only=True):
    """The header, and where the samples lie.

    Attributes:
        encoding: number of the format; `ENCODINGS` names it. bits: of one sample of one channel.
        start, end: of the samples that are really there.
        stated: bytes of samples that the header claims; None if it leaves that open.
    """

    encoding: int
    channels: int
    rate: int
    bits: int
    start: int
    end: int
    stated: int | None

    @property
    def frame(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * self.bits // 8

    @property
    def stated_seconds(self) -> float | None:
        """How long the header says that the sound is."""
        return None if self.stated is None else self.stated / self.frame / self.rate


def read_wav(data: bytes) -> Wav:
    """The header of a WAV file.

    Raises:
        TroubleError: if there is no such header, it makes no sense, or no samples follow.
    """
    if data[:4] not in (b"RIFF", b"RF64") or data[8:12] != b"WAVE":
        raise TroubleError("it has no header of a WAV file")
    form: tuple[int, ...] | None = None
    large: int | None = None
    for name, start, size in _chunks(data):
        if name == b"ds64" and size >= 16:
            large = int.from_bytes(data[start + 8 : start + 16], "little")
        elif name == b"fmt ":
            form = _form(data[start : start + size])
        elif name == b"data":
            if form is None:
                raise TroubleError("its samples come before the header that describes them")
            return _placed(form, start, size, large=large, end=len(data))
    raise TroubleError("it holds no samples" if form else "it has no header that describes its samples")


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack("<4sI", data[place : place + 8])
        yield name, place + 8, size
        place += 8 + size + size % 2


def _form(chunk: bytes) -> tuple[int, ...]:
    if len(chunk) < 16:
        raise TroubleError("its header is cut short")
    encoding, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if encoding == _EXTENSIBLE and len(chunk) >= 26:
        encoding = int.from_bytes(chunk[24:26], "little")
    if (encoding, bits) not in _SIZES:
        raise TroubleError(f"its samples are of a kind that is not read (format {encoding}, {bits} bits)")
    if not 1 <= channels <= _MOST_CHANNELS or not 1 <= rate <= _MOST_RATE:
        raise TroubleError(f"its header makes no sense ({channels:,} channels, {rate:,} Hz)")
    return encoding, channels, rate, bits


def _placed(form: tuple[int, ...], start: int, size: int, *, large: int | None, end: int) -> Wav:
    encoding, channels, rate, bits = form
    stated = large if size == _UNKNOWN[1] and large else None if size in _UNKNOWN and size != end - start else size
    frame = channels * bits // 8
    there = (min(end, start + stated) if stated is not None else end) - start
    whole = Wav(
        encoding=encoding,
        channels=channels,
        rate=rate,
        bits=bits,
        start=start,
        end=start + there // frame * frame,
        stated=stated,
    )
    if whole.end == whole.start:
        raise TroubleError("it holds no samples")
    return whole


def samples_of(data: bytes, wav: Wav) -> Iterator[Sound]:
    """Pieces of the samples, shape (frames, channels), full scale 1; for PCM and floats."""
    step = _PIECE * wav.frame
    for place in range(wav.start, wav.end, step):
        raw = data[place : min(place + step, wav.end)]
        yield _scaled(raw, wav.encoding, wav.bits).reshape(-1, wav.channels)


def _scaled(raw: bytes, encoding: int, bits: int) -> Sound:
    if encoding == FLOAT:
        return np.nan_to_num(np.frombuffer(raw, dtype=f"<f{bits // 8}").astype(np.float64))
    if bits == 8:
        return (np.frombuffer(raw, dtype=np.uint8).astype(np.float32) - 128) / np.float32(128)
    if bits == 24:
        wide = np.zeros((len(raw) // 3, 4), dtype=np.uint8)
        wide[:, 1:] = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 3)
        whole, full = wide.view("<i4").ravel(), 2.0**31
    else:
        whole, full = np.frombuffer(raw, dtype=f"<i{bits // 8}"), 2.0 ** (bits - 1)
    return np.asarray(whole, dtype=np.float64) / full
