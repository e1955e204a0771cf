"""Numbers that describe a recording, gathered while it streams by: peak, clipping, silence, offset and loudness.

Source: Recommendation ITU-R BS.1770-5 for loudness: K-weighting, blocks of 400 ms that overlap by 75 %, gates at -70
LUFS and 10 LU below the ungated mean. Its filters are given for 48 kHz; for other rates they are derived from the same
analogue prototypes by the bilinear transform.
"""

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.signal import lfilter

Sound = NDArray[np.floating[Any]]

_STEP, _BLOCK = 0.1, 4
_ABSOLUTE, _RELATIVE, _OFFSET = -70.0, -10.0, -0.691
_WINDOW, _QUIET = 0.02, 1e-3
_RUN = 3
_LEAST_RATE = 4_000  # the shelf begins at 1,682 Hz, which half of the rate must exceed
_SURROUND = 1.41
_WEIGHTS = {6: (1.0, 1.0, 1.0, 0.0, _SURROUND, _SURROUND), 5: (1.0, 1.0, 1.0, _SURROUND, _SURROUND)}


class SoundFacts(Struct, frozen=True, kw_only=True):
    """Statistics of one recording; a full-scale sample is 1.

    Attributes:
        seconds: how long it is. peak: largest magnitude. rms: root of the mean square over all channels.
        dc_offset: mean of all samples.
        clipped_share: samples that stand at full scale for at least three in a row.
        silent_share: windows of 20 ms with an RMS below -60 dB.
        loudness: LUFS; None if all is below -70 LUFS, or there are less than 4,000 samples a second.
            A recording shorter than 400 ms is one block.
    """

    seconds: float
    peak: float
    rms: float
    dc_offset: float
    clipped_share: float
    silent_share: float
    loudness: float | None


class Meter:
    """Takes a recording piece by piece; `facts` says what it was.

    Args:
        rate: samples a second. channels: of each sample.
        full: magnitude that counts as full scale; that of 8 bits is less than 1.

    >>> meter = Meter(rate=48_000, channels=1)
    >>> meter.feed(np.sin(2 * np.pi * 997 * np.arange(96_000) / 48_000)[:, None])
    >>> round(meter.facts().loudness, 2)
    -3.01
    """

    def __init__(self, *, rate: int, channels: int, full: float = 0.9995) -> None:
        self._rate, self._channels, self._full = rate, channels, full
        self._frames = 0
        self._sum = self._square = self._peak = 0.0
        self._clipped = 0
        self._runs = np.zeros(channels, dtype=np.int64)
        self._steps, self._windows = _Energy(round(rate * _STEP)), _Energy(max(1, round(rate * _WINDOW)))
        self._filters = [
            (b, a, np.zeros((2, channels))) for b, a in (_k_weighting(rate) if rate >= _LEAST_RATE else ())
        ]
        self._weights = np.array(_WEIGHTS.get(channels, (1.0,) * channels))

    def feed(self, samples: Sound) -> None:
        """The next samples, shape (frames, channels)."""
        if not len(samples):
            return
        self._frames += len(samples)
        self._sum += float(samples.sum(dtype=np.float64))
        squares = np.square(samples, dtype=np.float64)
        self._square += float(squares.sum())
        self._peak = max(self._peak, float(np.abs(samples).max()))
        self._windows.feed(squares.mean(axis=1))
        for channel in range(self._channels):
            self._count_clipped(np.abs(samples[:, channel]) >= self._full, channel)
        weighted: Sound = samples
        for place, (b, a, state) in enumerate(self._filters):
            weighted, after = lfilter(b, a, weighted, axis=0, zi=state)
            self._filters[place] = (b, a, after)
        self._steps.feed(np.square(weighted) @ self._weights)

    def facts(self) -> SoundFacts:
        """What all the samples were."""
        total = max(1, self._frames * self._channels)
        quiet = self._windows.means()
        return SoundFacts(
            seconds=self._frames / self._rate,
            peak=self._peak,
            rms=float(np.sqrt(self._square / total)),
            dc_offset=self._sum / total,
            clipped_share=self._clipped / total,
            silent_share=float((quiet < _QUIET**2).mean()) if len(quiet) else 1.0,
            loudness=_gated(self._steps.means()) if self._filters else None,
        )

    def _count_clipped(self, high: "NDArray[np.bool_]", channel: int) -> None:
        """Samples in runs of at least three, the run that the last piece ended with counted on."""
        before = int(self._runs[channel])
        if not before and not high.any():
            return
        edges = np.flatnonzero(np.diff(np.concatenate([[False], high, [False]]).astype(np.int8)))
        lengths = edges[1::2] - edges[::2]
        starts_high, ends_high = bool(high[0]), bool(high[-1])
        if starts_high:
            joined = before + int(lengths[0])
            lengths = lengths[1:]
            self._clipped += joined - (before if before >= _RUN else 0) if joined >= _RUN else 0
            self._runs[channel] = joined if len(lengths) == 0 and ends_high else 0
        self._clipped += int(lengths[lengths >= _RUN].sum())
        if ends_high and len(lengths):
            self._runs[channel] = int(lengths[-1])
        elif not ends_high:
            self._runs[channel] = 0


class _Energy:
    """Means of a stream of squares over windows of equal length; a rest is a window if there is no other."""

    def __init__(self, size: int) -> None:
        self._size = max(1, size)
        self._held = np.zeros(0)
        self._means: list[Sound] = []

    def feed(self, squares: Sound) -> None:
        whole = np.concatenate([self._held, squares])
        full = len(whole) // self._size * self._size
        self._means.append(whole[:full].reshape(-1, self._size).mean(axis=1))
        self._held = whole[full:]

    def means(self) -> Sound:
        found = np.concatenate(self._means) if self._means else np.zeros(0)
        return found if len(found) or not len(self._held) else np.array([self._held.mean()])


def _gated(steps: Sound) -> float | None:
    """Loudness from the mean squares of steps of 100 ms."""
    if not len(steps):
        return None
    size = min(_BLOCK, len(steps))
    blocks = np.convolve(steps, np.ones(size) / size, mode="valid")
    kept = blocks[blocks > _power(_ABSOLUTE)]
    if not len(kept):
        return None
    kept = kept[kept > _power(_lufs(float(kept.mean())) + _RELATIVE)]
    return _lufs(float(kept.mean()))


def _lufs(power: float) -> float:
    return _OFFSET + 10 * float(np.log10(power))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


def _k_weighting(rate: int) -> list[tuple[Sound, Sound]]:
    """The shelf that stands for the head, and the high-pass, as digital filters of a rate."""
    gain, quality, centre = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    k, high = np.tan(np.pi * centre / rate), 10 ** (gain / 20)
    middle = high**0.4996667741545416
    over = 1 + k / quality + k * k
    shelf = (
        np.array([high + middle * k / quality + k * k, 2 * (k * k - high), high - middle * k / quality + k * k]) / over,
        np.array([1.0, 2 * (k * k - 1) / over, (1 - k / quality + k * k) / over]),
    )
    quality, centre = 0.5003270373238773, 38.13547087602444
    k = np.tan(np.pi * centre / rate)
    over = 1 + k / quality + k * k
    return [
        shelf,
        (np.array([1.0, -2.0, 1.0]), np.array([1.0, 2 * (k * k - 1) / over, (1 - k / quality + k * k) / over])),
    ]
