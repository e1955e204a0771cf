"""A small world to monitor: numbers, a category, a column with missing values, and a calibrated model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from roadworthy.bundle.predictions import FeedbackRecord, PredictionRecord
from roadworthy.declare.monitoring import FalseAlarms, Labels, Monitor
from roadworthy.kernel.units import parse_duration
from roadworthy.monitoring.reference import Reference, build_reference

NAMES = ("links", "words", "colour", "age")
HOUR = 3600.0
THRESHOLD = 0.6


@dataclass(frozen=True)
class World:
    """Draws rows; the model knows the true chance of spam until `twist` changes what the inputs mean."""

    seed: int = 0

    def rows(self, count, rng, *, shift=0.0, twist=0.0):
        links = rng.normal(shift, 1, count)
        words = rng.poisson(3, count).astype(float)
        colour = rng.choice([0.0, 1.0, 2.0], count, p=[0.7, 0.29, 0.01])
        age = np.where(rng.random(count) < 0.1, np.nan, rng.gamma(2, 10, count))
        score = 2.2 * links + 0.2 * (words - 3) - 0.5
        probability = 1 / (1 + np.exp(-score))
        truth = rng.random(count) < 1 / (1 + np.exp(-(score + twist)))
        return np.stack([links, words, colour, age], axis=1).astype(np.float32), probability, truth.astype(np.int8)

    def reference(self, count=4000) -> Reference:
        dense, probability, truth = self.rows(count, np.random.default_rng(self.seed))
        return build_reference(dense, NAMES, probability=probability, truth=truth, threshold=THRESHOLD)

    def records(self, windows, count, *, seed=1, begin=0, version="v1", shift=0.0, twist=0.0):
        """Predictions of some hourly windows, and the label of each two minutes after."""
        rng = np.random.default_rng([seed, begin])
        dense, probability, truth = self.rows(windows * count, rng, shift=shift, twist=twist)
        at = (begin + np.repeat(np.arange(windows), count) + rng.random(windows * count)) * HOUR
        names = [f"{version}-{seed}-{begin}-{row}" for row in range(windows * count)]
        said = [
            PredictionRecord(
                id=names[row],
                at=float(at[row]),
                model="m",
                version=version,
                key=f"key-{names[row]}",
                probability=float(probability[row]),
                decision=int(probability[row] >= THRESHOLD),
                features=[float(x) for x in dense[row]],
            )
            for row in range(len(names))
        ]
        labels = [
            FeedbackRecord(id=names[row], label="spam" if truth[row] else "ham", at=float(at[row]) + 120, source="desk")
            for row in range(len(names))
        ]
        return said, labels


@pytest.fixture(scope="session")
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def reference(world) -> Reference:
    return world.reference()


@pytest.fixture
def plan() -> Callable[..., Monitor]:
    def make(*, delay="0s", count=1, windows=1000, on_failure=("review", "retrain")) -> Monitor:
        return Monitor(
            window=parse_duration("1h"),
            labels=Labels(delay=parse_duration(delay)),
            false_alarms=FalseAlarms(count=count, windows=windows),
            on_failure=on_failure,
        )

    return make
