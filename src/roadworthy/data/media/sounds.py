"""One sound file listened to: WAV by ourselves, FLAC, Ogg Vorbis and MP3 through miniaudio."""

from collections.abc import Iterator
from typing import Any

import miniaudio
import numpy as np
from msgspec import Struct

from roadworthy.data.media.loudness import Meter, Sound
from roadworthy.data.media.trouble import TroubleError, seems
from roadworthy.data.media.wav import A_LAW, ENCODINGS, FLOAT, MU_LAW, read_wav, samples_of

_PIECE = 1 << 16
_MOST_CHANNELS = 64
_READERS = {"FLAC": miniaudio.flac_get_info, "OGG": miniaudio.vorbis_get_info, "MP3": miniaudio.mp3_get_info}


class _Stated(Struct, frozen=True, kw_only=True):
    """What a file says of itself, and its samples."""

    format: str
    encoding: str
    rate: int
    channels: int
    bits: int | None
    stated_seconds: float | None
    samples: Iterator[Any]
    full: float = 0.9995


def sound_facts(data: bytes, *, most_seconds: int) -> dict[str, Any]:
    """Facts of one sound file.

    Args:
        data: the whole file.
        most_seconds: how long it may be.

    Raises:
        TroubleError: if it is no sound of a known kind, is damaged, holds none, or is too long.
    """
    stated = _stated(data)
    meter = Meter(rate=stated.rate, channels=stated.channels, full=stated.full)
    frames = 0
    try:
        for piece in stated.samples:
            frames += len(piece)
            if frames > most_seconds * stated.rate:
                raise TroubleError(f"it is longer than {most_seconds:,} seconds", check="data.hostile")
            meter.feed(piece)
    except miniaudio.MiniaudioError as err:
        raise TroubleError(f"it is damaged after {frames / stated.rate:.2f} seconds ({err})") from err
    if not frames:
        raise TroubleError("it holds no sound")
    facts = meter.facts()
    said = {name: getattr(stated, name) for name in ("format", "encoding", "rate", "channels", "bits")}
    said |= {"stated_seconds": stated.stated_seconds}
    return said | {name: getattr(facts, name) for name in facts.__struct_fields__}


def _stated(data: bytes) -> _Stated:
    if data[:4] in (b"RIFF", b"RF64"):
        return _wav(data)
    kind = _kind(data)
    try:
        info = _READERS[kind](data)
    except miniaudio.MiniaudioError as err:
        raise TroubleError(f"it is damaged, or holds no sound of {kind}") from err
    if not 1 <= info.nchannels <= _MOST_CHANNELS or info.sample_rate < 1:
        raise TroubleError(f"its header makes no sense ({info.nchannels} channels, {info.sample_rate} Hz)")
    lossless = kind == "FLAC"
    return _Stated(
        format=kind,
        encoding="pcm" if lossless else {"OGG": "vorbis", "MP3": "mp3"}[kind],
        rate=info.sample_rate,
        channels=info.nchannels,
        bits=_flac_bits(data) if lossless else None,
        stated_seconds=info.num_frames / info.sample_rate if lossless and info.num_frames else None,
        samples=_decoded(data, info.nchannels, info.sample_rate),
    )


def _wav(data: bytes) -> _Stated:
    wav = read_wav(data)
    own = wav.encoding not in (A_LAW, MU_LAW)
    return _Stated(
        format="WAV",
        encoding=ENCODINGS[wav.encoding],
        rate=wav.rate,
        channels=wav.channels,
        bits=wav.bits,
        stated_seconds=wav.stated_seconds,
        samples=samples_of(data, wav) if own else _decoded(data, wav.channels, wav.rate),
        full=0.9995 if wav.encoding == FLOAT or wav.bits > 12 else 1 - 1.5 / 2 ** (wav.bits - 1),
    )


def _kind(data: bytes) -> str:
    """FLAC, OGG or MP3, by the first bytes.

    Raises:
        TroubleError: if it is none of them.
    """
    if data.startswith(b"fLaC"):
        return "FLAC"
    if data.startswith(b"OggS"):
        if b"OpusHead" in data[:128]:
            raise TroubleError("it is Opus, which is not read", check="data.readable")
        return "OGG"
    if data.startswith(b"ID3") or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0):
        return "MP3"
    raise TroubleError(f"it is no sound that is read, but {seems(data)}")


def _flac_bits(data: bytes) -> int | None:
    """Bits of a sample, from the first block, which every FLAC file begins with (RFC 9639, 8.2)."""
    place = data.find(b"fLaC") + 8
    return ((data[place + 12] & 1) << 4 | data[place + 13] >> 4) + 1 if place + 14 <= len(data) else None


def _decoded(data: bytes, channels: int, rate: int) -> Iterator[Sound]:
    stream = miniaudio.stream_memory(
        data,
        output_format=miniaudio.SampleFormat.FLOAT32,
        nchannels=channels,
        sample_rate=rate,
        frames_to_read=_PIECE,
    )
    for piece in stream:
        yield np.frombuffer(piece, dtype=np.float32).reshape(-1, channels)
