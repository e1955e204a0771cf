"""Measures of sound, held to the values of the recommendation and to laws."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadworthy.data.media.loudness import Meter


def tone(rate: int, seconds: float, *, frequency: float = 997.0, level: float = 1.0, channels: int = 1) -> np.ndarray:
    one = level * np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate)
    return np.repeat(one[:, None], channels, axis=1)


def measured(sound: np.ndarray, rate: int, *, cuts: tuple[int, ...] = (), full: float = 0.9995):
    meter = Meter(rate=rate, channels=sound.shape[1], full=full)
    for piece in np.split(sound, sorted(cut % (len(sound) + 1) for cut in cuts)):
        meter.feed(piece)
    return meter.facts()


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000, 96_000])
def test_the_tone_of_the_recommendation(rate: int) -> None:
    """BS.1770-5: a full-scale sine of 997 Hz in one channel is -3.01 LUFS; in two, 3.01 LU louder."""
    assert measured(tone(rate, 2), rate).loudness == pytest.approx(-3.01, abs=0.05)
    assert measured(tone(rate, 2, channels=2), rate).loudness == pytest.approx(0, abs=0.05)
    assert measured(tone(rate, 2, level=0.1), rate).loudness == pytest.approx(-23.01, abs=0.05)


def test_the_gate_leaves_silence_out() -> None:
    """EBU Tech 3341, case 3: quiet parts 10 LU and more below the loud one do not count."""
    quiet, loud = tone(48_000, 10, level=10 ** (-33 / 20)), tone(48_000, 60, level=10 ** (-20 / 20))
    whole = np.concatenate([quiet, loud, quiet])
    assert measured(whole, 48_000).loudness == pytest.approx(-23.01, abs=0.1)


def test_low_rumble_counts_for_less_and_the_effects_channel_not_at_all() -> None:
    assert measured(tone(48_000, 2, frequency=25), 48_000).loudness < -11
    six = np.zeros((96_000, 6))
    six[:, 3] = tone(48_000, 2)[:, 0]
    assert measured(six, 48_000).loudness is None


def test_clipping_silence_and_offset() -> None:
    sound = np.clip(tone(8_000, 1, frequency=100, level=2), -1, 1)
    assert measured(sound, 8_000).clipped_share == pytest.approx(2 / 3, abs=0.02)
    assert measured(tone(8_000, 1), 8_000).clipped_share == 0
    half = np.concatenate([np.zeros((8_000, 1)), tone(8_000, 1)]) + 0.25
    assert measured(half, 8_000).dc_offset == pytest.approx(0.25)
    assert measured(np.concatenate([np.zeros((8_000, 1)), tone(8_000, 1)]), 8_000).silent_share == pytest.approx(0.5)
    nothing = measured(np.zeros((800, 1)), 8_000)
    assert (nothing.silent_share, nothing.loudness, nothing.peak) == (1.0, None, 0.0)


@settings(derandomize=True, max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1000), st.integers(1, 3), st.lists(st.integers(0, 4_000), max_size=6).map(tuple))
def test_pieces_of_any_length_give_the_same_facts(seed: int, channels: int, cuts: tuple[int, ...]) -> None:
    rng = np.random.default_rng(seed)
    sound = np.clip(rng.normal(0, 1.5, (rng.integers(1, 4_000), channels)), -1, 1)
    sound[rng.random(len(sound)) < 0.4] = 1.0
    whole, cut = measured(sound, 8_000), measured(sound, 8_000, cuts=cuts)
    assert cut.clipped_share == whole.clipped_share
    for name in ("seconds", "peak", "rms", "dc_offset", "silent_share", "loudness"):
        assert getattr(cut, name) == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-12), name
