"""Statistics and the perceptual hash, held to frozen values and to laws."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.fft import dctn

from roadworthy.data.media.pixels import hamming, perceptual_hash, pixel_facts


def scene(height: int, width: int, seed: int = 0) -> np.ndarray:
    """A smooth picture that is the same scene at every size."""
    rng = np.random.default_rng(seed)
    rows, columns = np.linspace(0, 1, height)[:, None], np.linspace(0, 1, width)[None, :]
    waves = rng.uniform(-1, 1, (6, 4))
    light = sum(a * np.cos(2 * np.pi * (3 * b * rows + 3 * c * columns + d)) for a, b, c, d in waves)
    return (light - light.min()) / np.ptp(light)


GOLDEN = {0: "b71fc31ec03f0ae0", 1: "8f5ef0cae0b55aa0", 2: "852d90d86fd86ed8"}


@pytest.mark.parametrize("seed", GOLDEN)
def test_the_hash_is_frozen(seed: int) -> None:
    assert perceptual_hash(scene(100, 140, seed)) == GOLDEN[seed]


def test_the_hash_is_the_low_frequencies_of_the_transform_that_scipy_computes() -> None:
    small = scene(32, 32, 5)
    lowest = dctn(small, type=2)[:8, :8].ravel()
    bits = lowest > np.median(lowest[1:])
    wanted = "".join("1" if bit else "0" for bit in [lowest[0] > 0, *bits[1:]])
    assert perceptual_hash(small) == f"{int(wanted, 2):016x}"


@settings(derandomize=True, max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1000), st.integers(40, 300), st.integers(40, 300))
def test_scaling_light_and_noise_change_few_bits_and_another_scene_many(seed: int, height: int, width: int) -> None:
    one = perceptual_hash(scene(200, 200, seed))
    rng = np.random.default_rng(seed)
    noisy = np.clip(scene(height, width, seed) * 0.9 + 0.05 + rng.normal(0, 0.01, (height, width)), 0, 1)
    assert hamming(one, perceptual_hash(noisy)) <= 12
    assert hamming(one, perceptual_hash(1 - scene(200, 200, seed))) >= 50


@settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    hnp.arrays(
        np.float32, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)), elements=st.floats(0, 1, width=32)
    )
)
def test_any_picture_has_facts_in_range(picture: np.ndarray) -> None:
    facts = pixel_facts(picture)
    assert len(facts.phash) == 16
    shares = (
        facts.brightness,
        facts.dark_share,
        facts.bright_share,
        facts.red,
        facts.green,
        facts.blue,
        facts.saturation,
    )
    assert all(-1e-6 <= share <= 1 + 1e-6 for share in shares)
    assert facts.contrast >= 0 <= facts.sharpness


def test_grey_and_colour_agree_on_a_grey_picture() -> None:
    grey = scene(50, 60).astype(np.float32)
    one, other = pixel_facts(grey), pixel_facts(np.stack([grey] * 3, axis=2))
    assert one.brightness == pytest.approx(other.brightness, abs=1e-6)
    assert one.phash == other.phash
    assert other.saturation == 0


def test_a_blurred_picture_is_less_sharp() -> None:
    rng = np.random.default_rng(3)
    sharp = rng.uniform(0, 1, (64, 64))
    blurred = (sharp + np.roll(sharp, 1, 0) + np.roll(sharp, 1, 1) + np.roll(sharp, (1, 1), (0, 1))) / 4
    assert pixel_facts(blurred).sharpness < pixel_facts(sharp).sharpness / 4
