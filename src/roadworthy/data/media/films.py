"""One film looked at with FFmpeg (through PyAV): what it says of itself, and frames sampled evenly over its length.

The container is told by its first bytes and then named to FFmpeg: left to guess, it would also take play lists, which
open other files and addresses.
"""

import io
from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from roadworthy.data.media.pixels import Light, pixel_facts
from roadworthy.data.media.trouble import TroubleError, seems

_MOST_LOOKED_AT = 1 << 18
_MOST_DECODED = 1_000
_QUARTER = 90
_INSTANT = 1e-6
_BROKEN = (av.FFmpegError, OSError, ValueError, EOFError, ArithmeticError, AttributeError)


def film_frames(data: bytes, *, samples: int, most_pixels: int) -> list[dict[str, Any]]:
    """Facts of a film, one row for each sampled frame; the last one is that with which the film ends.

    Args:
        data: the whole file.
        samples: how many frames, at the middles of as many equal parts.
        most_pixels: width times height that a frame may have.

    Raises:
        TroubleError: if it is no film of a known kind, holds no pictures, or none can be read.
    """
    kind = _container(data)
    try:
        with av.open(io.BytesIO(data), format=kind) as film:
            if not film.streams.video:
                raise TroubleError("it holds no pictures")
            stream = film.streams.video[0]
            stream.codec_context.thread_count = 1
            width, height = stream.codec_context.width, stream.codec_context.height
            if width * height > most_pixels:
                raise TroubleError(
                    f"it has {width:,} x {height:,} pixels, more than {most_pixels:,}", check="data.hostile"
                )
            stated = _stated(film, stream)
            frames = list(_sampled(film, stream, stated, samples))
            end = _end(film, stream, stated)
            said = _said(film, stream, kind) | {"stated_seconds": stated}
    except _BROKEN as err:
        raise TroubleError(f"it is damaged, or cut short ({_words(err)})") from err
    if not frames:
        raise TroubleError("none of its pictures can be read")
    seconds = max(end, *(frame["at"] for frame in frames))
    return [said | {"seconds": seconds} | frame for frame in frames]


def _container(data: bytes) -> str:
    """FFmpeg's name of the container.

    Raises:
        TroubleError: if it is none that is read.
    """
    if data[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return "mov"
    if data.startswith(b"\x1aE\xdf\xa3"):
        return "matroska"
    if data.startswith(b"RIFF") and data[8:12] == b"AVI ":
        return "avi"
    if data[:1] == b"\x47" and data[188:189] == b"\x47":
        return "mpegts"
    raise TroubleError(f"it is no film that is read, but {seems(data)}")


def _stated(film: Any, stream: Any) -> float | None:
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return film.duration / av.time_base if film.duration else None


def _said(film: Any, stream: Any, kind: str) -> dict[str, Any]:
    rate = stream.average_rate or stream.guessed_rate
    return {
        "format": kind,
        "codec": stream.codec_context.name,
        "fps": float(rate) if rate else None,
        "stated_frames": stream.frames or None,
        "sound": bool(film.streams.audio),
    }


def _sampled(film: Any, stream: Any, stated: float | None, samples: int) -> Iterator[dict[str, Any]]:
    """Facts of the frames that are shown at some moments; without a stated length, of frames one second apart."""
    seen: set[float] = set()
    if stated is None:
        for frame in _one_second_apart(film, stream, samples):
            yield _facts(frame)
        return
    first = float((stream.start_time or 0) * stream.time_base)
    for place in range(samples):
        wanted = first + (place + 0.5) / samples * stated
        frame = _shown(film, stream, wanted)
        if frame is not None and frame.time not in seen:
            seen.add(frame.time)
            yield _facts(frame)


def _shown(film: Any, stream: Any, moment: float) -> Any:
    """The last frame that begins at or before a moment, if it is still shown then; None if it cannot be reached."""
    shown = None
    for frame in _from(film, stream, moment):
        if frame.time > moment + _INSTANT:
            return shown or frame
        shown = frame
    longest = 2 / float(stream.average_rate) if stream.average_rate else 1.0
    return shown if shown is not None and moment - shown.time <= longest else None


def _from(film: Any, stream: Any, moment: float) -> Iterator[Any]:
    """Frames from the key frame before a moment on, as far as they can be read."""
    try:
        film.seek(int(moment / stream.time_base), stream=stream)
        for number, frame in enumerate(film.decode(stream)):
            if frame.time is not None:
                yield frame
            if number >= _MOST_DECODED:
                return
    except _BROKEN:
        return  # what cannot be reached is told by the length that is missing


def _one_second_apart(film: Any, stream: Any, samples: int) -> Iterator[Any]:
    last = None
    given = 0
    for number, frame in enumerate(film.decode(stream)):
        if given >= samples or number >= _MOST_DECODED * 10:
            return
        if frame.time is not None and (last is None or frame.time >= last + 1):
            last = frame.time
            given += 1
            yield frame


def _end(film: Any, stream: Any, stated: float | None) -> float:
    """When the last frame that can be read begins, and ends."""
    last = 0.0
    for frame in _from(film, stream, max(0.0, (stated or 0.0) - 1.0)):
        last = max(last, float(frame.time))
    rate = stream.average_rate
    return last + (1 / float(rate) if rate and last else 0.0)


def _facts(frame: Any) -> dict[str, Any]:
    turn = int(frame.rotation)
    picture = np.rot90(frame.to_ndarray(format="rgb24"), turn // _QUARTER)
    facts = pixel_facts(_reduced(picture))
    size = {"width": picture.shape[1], "height": picture.shape[0], "rotation": turn, "at": float(frame.time)}
    return size | {name: getattr(facts, name) for name in facts.__struct_fields__}


def _reduced(picture: Any) -> Light:
    """In [0, 1], averaged over squares of pixels to at most 2^18 of them."""
    rows, columns = picture.shape[:2]
    factor = max(1, int(np.ceil(np.sqrt(rows * columns / _MOST_LOOKED_AT))))
    whole = picture[: max(1, rows // factor) * factor, : max(1, columns // factor) * factor].astype(np.float32) / 255
    if factor > 1 and rows >= factor and columns >= factor:
        whole = whole.reshape(rows // factor, factor, columns // factor, factor, 3).mean(axis=(1, 3), dtype=np.float32)
    light: Light = whole
    return light


def _words(err: Exception) -> str:
    said = str(err).partition(":")[0]
    return said.removeprefix("[Errno ").partition("] ")[2].lower() if said.startswith("[Errno") else said.lower()
