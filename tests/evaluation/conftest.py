"""A model as good or bad as a test asks for, on rows that were drawn."""

import numpy as np
import pytest

from roadworthy.kernel.records import Scored


def scored_from(truth, probability, *, threshold=0.5, decision=None):
    truth, probability = np.asarray(truth, dtype=np.int8), np.asarray(probability, dtype=np.float64)
    said = (probability >= threshold) if decision is None else decision
    return Scored(
        rows=np.arange(len(truth), dtype=np.int64),
        truth=truth,
        probability=probability,
        decision=np.asarray(said, dtype=np.int8),
        threshold=threshold,
    )


def scored_drawn(rows, *, seed=0, share=0.3, skill=2.0, threshold=0.5):
    """Calibrated by construction: truth is drawn from the probability itself."""
    rng = np.random.default_rng(seed)
    logit = np.log(share / (1 - share)) + rng.normal(0, skill, rows)
    probability = 1 / (1 + np.exp(-logit))
    return scored_from((rng.random(rows) < probability).astype(int), probability, threshold=threshold)


@pytest.fixture
def make():
    return scored_from


@pytest.fixture
def draw():
    return scored_drawn
