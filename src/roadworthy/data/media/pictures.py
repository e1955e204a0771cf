"""One image file looked at with Pillow: what it says of itself, and what its pixels say."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from roadworthy.data.media.pixels import Light, pixel_facts
from roadworthy.data.media.trouble import TroubleError, seems

Image.init()  # else only the readers of some formats are there
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM")
_UPRIGHT = 1
_TURNED = frozenset((5, 6, 7, 8))
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""EXIF orientation to the transposition of Pillow that sets it upright."""
_ORIENTATION, _WRITTEN, _EXIF, _TAKEN, _GPS = 274, 306, 0x8769, 36867, 0x8825
_MOST_PIXELS_LOOKED_AT = 1 << 20
_BITS = {"1": 1, "I;16": 16, "I;16B": 16, "I;16L": 16, "I": 32, "F": 32}
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What Pillow's readers raise on damaged files."""


def picture_facts(data: bytes, *, most_pixels: int) -> dict[str, Any]:
    """Facts of one image file.

    Args:
        data: the whole file.
        most_pixels: width times height that a picture may have.

    Raises:
        TroubleError: if it is no image of a known kind, damaged, cut short, or too large.
    """
    with _quiet(), _opened(data) as image:
        width, height = image.size
        if width * height > most_pixels:
            raise TroubleError(f"it has {width:,} x {height:,} pixels, more than {most_pixels:,}", check="data.hostile")
        said: dict[str, Any] = {"format": "JPEG" if image.format == "MPO" else image.format, "mode": image.mode}
        try:
            frames = int(getattr(image, "n_frames", 1))
            _whole(data, image)
            image.load()
            exif = _exif(image)
            turn = exif["orientation"]
            looked_at = _light(image, turn)
        except _BROKEN as err:
            raise TroubleError(_why(err)) from err
    if turn in _TURNED:
        width, height = height, width
    said |= {"width": width, "height": height, "channels": len(image.getbands()), "bits": _bits(data, image)}
    said |= {"frames": frames, **exif}
    facts = pixel_facts(looked_at)
    return said | {name: getattr(facts, name) for name in facts.__struct_fields__}


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow warns of sizes and broken tags; sizes are ours to judge, and pixels tell what tags do not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError as err:
        raise TroubleError(str(err).split(",")[0].lower(), check="data.hostile") from err
    except UnidentifiedImageError as err:
        broken = _png_trouble(data)
        raise TroubleError(broken or f"it is no image that is read, but {seems(data)}") from err
    except _BROKEN as err:
        raise TroubleError(_why(err)) from err


def _why(err: BaseException) -> str:
    said = str(err).splitlines()[0].rstrip(".") if str(err) else type(err).__name__
    return f"it is cut short ({said})" if "truncated" in said.lower() else f"it is damaged ({said})"


def _whole(data: bytes, image: Image.Image) -> None:
    """What Pillow lets pass: wrong checksums in PNG."""
    if image.format == "PNG" and (trouble := _png_trouble(data)):
        raise TroubleError(trouble)


def _png_trouble(data: bytes) -> str:
    """The first chunk of a PNG that its checksum contradicts, or that is not there; empty if it is whole."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ""
    place = 8
    while place + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        end = place + 12 + length
        if end > len(data):
            break
        if zlib.crc32(data[place + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return f"it is damaged (wrong checksum of its part {name.decode('latin-1')} at byte {place:,})"
        if name == b"IEND":
            return ""
        place = end
    return f"it is cut short (no end after byte {place:,})"


def _exif(image: Image.Image) -> dict[str, Any]:
    """Orientation (1 is upright), when it was taken, and whether it says where."""
    facts: dict[str, Any] = {"orientation": _UPRIGHT, "taken": None, "located": False}
    try:
        exif = image.getexif()
        turn = exif.get(_ORIENTATION)
        facts["orientation"] = turn if isinstance(turn, int) and 1 <= turn <= 8 else _UPRIGHT
        taken = exif.get_ifd(_EXIF).get(_TAKEN) or exif.get(_WRITTEN)
        facts["taken"] = _date(str(taken)) if taken else None
        facts["located"] = bool(exif.get_ifd(_GPS))
    except _BROKEN:
        return facts  # a broken note on a good picture
    return facts


def _date(written: str) -> str | None:
    """`2024:01:31 12:00:00` as ISO 8601, without a zone; None where it is no date."""
    day, _, clock = written.strip("\x00 ").partition(" ")
    whole = f"{day.replace(':', '-')}T{clock}"
    parts = whole.replace("T", "-").replace(":", "-").split("-")
    return whole if len(parts) == 6 and all(part.isdecimal() for part in parts) else None


def _bits(data: bytes, image: Image.Image) -> int:
    """Bits of one channel as the file has them."""
    if image.format == "PNG":
        return data[24]
    tags = getattr(image, "tag_v2", None)
    stated = tags.get(258) if tags else None
    return int(max(stated)) if isinstance(stated, tuple) and stated else _BITS.get(image.mode, 8)


def _light(image: Image.Image, turn: int) -> Light:
    """The first frame, upright, in [0, 1]; a large one is averaged over squares of pixels to at most 2^20."""
    factor = max(1, int(np.ceil(np.sqrt(image.width * image.height / _MOST_PIXELS_LOOKED_AT))))
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, dtype=np.float64)[::factor, ::factor]
        top = 65_535.0 if image.mode != "F" else max(1.0, float(np.nan_to_num(values).max(initial=1.0)))
        values = np.clip(np.nan_to_num(values) / top, 0.0, 1.0)
        return values
    grey = image.mode in ("1", "L", "LA")
    plain = _flat(image).convert("L" if grey else "RGB")
    small = plain.reduce(factor) if factor > 1 else plain
    if turn in _TURNS:
        small = small.transpose(Image.Transpose(_TURNS[turn]))
    return np.asarray(small, dtype=np.float32) / np.float32(255)


def _flat(image: Image.Image) -> Image.Image:
    """A picture with transparency laid on white, as most viewers show it."""
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return image
    layers = image.convert("RGBA")
    paper = Image.new("RGBA", layers.size, "white")
    return Image.alpha_composite(paper, layers)
