"""Numbers that describe a picture: light, colour, sharpness, and a hash that survives scaling and re-encoding.

Sources: Zauner (2010), Implementation and Benchmarking of Perceptual Image Hash Functions, for the hash; Pech-Pacheco
et al. (2000), ICPR 3:314-317, for the variance of the Laplacian; ITU-R BT.601 for luma.
"""

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

_RED, _GREEN, _BLUE = np.float32(0.299), np.float32(0.587), np.float32(0.114)
_SIDE = 32
_KEPT = 8
_DARK, _BRIGHT = 0.02, 0.98

Light = NDArray[np.floating[Any]]


class PixelFacts(Struct, frozen=True, kw_only=True):
    """Statistics of one picture; light runs from 0 (black) to 1 (white).

    Attributes:
        brightness: mean of luma. contrast: its standard deviation.
        dark_share: pixels of luma at most 0.02. bright_share: pixels of luma at least 0.98.
        red, green, blue: means of the channels; equal in a grey picture.
        saturation: mean of (largest - smallest channel).
        sharpness: variance of the Laplacian of luma; 0 in a picture of less than 3 x 3 pixels.
        phash: 64 bits as 16 hex digits; similar pictures differ in few bits.
    """

    brightness: float
    contrast: float
    dark_share: float
    bright_share: float
    red: float
    green: float
    blue: float
    saturation: float
    sharpness: float
    phash: str


def pixel_facts(picture: Light) -> PixelFacts:
    """The facts of a picture.

    Args:
        picture: light in [0, 1], shape (rows, columns) if it is grey, (rows, columns, 3) if it has red, green and blue.

    >>> facts = pixel_facts(np.tile(np.linspace(0, 1, 64), (64, 1)))
    >>> round(facts.brightness, 3), round(facts.contrast, 3), facts.saturation, facts.sharpness < 1e-9
    (0.5, 0.293, 0.0, True)
    """
    channels = [picture] if picture.ndim == 2 else [np.ascontiguousarray(picture[..., place]) for place in range(3)]
    means = [float(channel.mean(dtype=np.float64)) for channel in channels]
    luma, saturation = channels[0], 0.0
    if len(channels) == 3:
        red, green, blue = channels
        luma = _RED * red + _GREEN * green + _BLUE * blue
        spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
        saturation = float(spread.mean(dtype=np.float64))
    return PixelFacts(
        brightness=float(luma.mean(dtype=np.float64)),
        contrast=float(luma.std(dtype=np.float64)),
        dark_share=float((luma <= _DARK).mean()),
        bright_share=float((luma >= _BRIGHT).mean()),
        red=means[0],
        green=means[len(means) // 2],
        blue=means[-1],
        saturation=saturation,
        sharpness=_sharpness(luma),
        phash=perceptual_hash(luma),
    )


def perceptual_hash(luma: Light) -> str:
    """64 bits that stay the same, or nearly so, when a picture is scaled, re-encoded or made a little brighter.

    The picture is averaged over 32 x 32 equal areas; of its discrete cosine transform (type II) the 8 x 8 lowest
    frequencies are kept; a bit says whether a coefficient lies above the median of all but the first. The frozen
    values in the tests hold this to the same bits for ever.

    Args:
        luma: shape (rows, columns), at least one of each.

    Returns:
        16 hex digits, the lowest frequency first.

    >>> perceptual_hash(np.tile(np.linspace(0, 1, 64), (64, 1)))
    '8000000000000000'
    """
    small = _averaged(_averaged(luma, _SIDE).T, _SIDE).T
    lowest = (_COSINES @ small @ _COSINES.T).ravel().round(9)
    median = np.median(lowest[1:])
    bits = lowest > median
    bits[0] = lowest[0] > 0
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def hamming(one: str, other: str) -> int:
    """In how many bits two hashes differ.

    >>> hamming("8000000000000000", "8000000000000003")
    2
    """
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _averaged(values: Light, parts: int) -> Light:
    """Means of the rows over equal parts, whose borders may lie inside of a row."""
    rows = values.shape[0]
    whole = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0, dtype=np.float64)])
    borders = np.linspace(0, rows, parts + 1)
    below = np.minimum(borders.astype(np.int64), rows - 1)
    part = (borders - below)[:, None]
    summed = whole[below] * (1 - part) + whole[below + 1] * part
    means: Light = np.diff(summed, axis=0) * (parts / rows)
    return means


def _cosines() -> Light:
    frequency, place = np.arange(_KEPT)[:, None], np.arange(_SIDE)[None, :]
    return np.cos(np.pi * frequency * (2 * place + 1) / (2 * _SIDE))


_COSINES = _cosines()


def _sharpness(luma: Light) -> float:
    if min(luma.shape) < 3:
        return 0.0
    inner = luma[1:-1, 1:-1]
    laplacian = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * inner
    return float(laplacian.var(dtype=np.float64))
