"""Small released models, one of mail and one of a table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from roadworthy.bundle.calibrator import Platt
from roadworthy.bundle.inputs import InputField
from roadworthy.bundle.manifest import Manifest
from roadworthy.bundle.scorers import LinearScorer, Standard
from roadworthy.bundle.steps.frozen import FrozenSteps
from roadworthy.bundle.steps.mailfacts import INPUTS, MailFacts
from roadworthy.bundle.steps.reputation import Reputation
from roadworthy.bundle.steps.tables import Category, Number
from roadworthy.bundle.steps.texts import MailText
from roadworthy.bundle.steps.tokens import count, spell, words
from roadworthy.bundle.steps.weighted import TermReader, WeightedTerms
from roadworthy.bundle.write import write_model
from roadworthy.declare.problem import Problem

KNOWN = ["free money now", "see you at the meeting"]


def mail_steps() -> FrozenSteps:
    reader = TermReader(name="words", text=MailText(), analyser="words")
    keys = np.unique(count(KNOWN, words).keys)
    block = WeightedTerms(
        reader=reader,
        keys=keys,
        idf=np.linspace(1, 2, len(keys)).astype(np.float32),
        spell=lambda k: spell(k, KNOWN, words),
    )
    seen = Reputation(entity="from_domain", base=0.4, seen={"bad.example": (9, 0), "good.example": (0, 9)})
    inputs = tuple(InputField(name=name, type="text") for name in dict.fromkeys((*INPUTS, "from_domain")))
    return FrozenSteps(dense=(MailFacts(groups=("length",)), seen), text=(block,), inputs=inputs)


def table_steps() -> FrozenSteps:
    inputs = (InputField(name="amount", type="number"), InputField(name="job", type="text", values=("chef", "cook")))
    dense = (Number(column="amount", flag=True), Category(column="job", values=("chef", "cook")))
    return FrozenSteps(dense=dense, text=(), inputs=inputs)


def scorer_of(steps: FrozenSteps) -> LinearScorer:
    rng, columns = np.random.default_rng(1), len(steps.names)
    return LinearScorer(
        intercept=0.25,
        sparse=rng.normal(size=steps.width).astype(np.float32).astype(np.float64),
        standard=Standard(centre=np.zeros(columns), divisor=np.ones(columns)),
        dense=rng.normal(size=columns) / 10,
        missing=rng.normal(size=columns) / 10,
    )


@pytest.fixture
def write() -> Callable[..., Manifest]:
    """Writes a model of `mail` or `table` into a new folder."""

    def make(folder: Path, kind: str = "mail", **options: Any) -> Manifest:
        folder.mkdir()
        steps = mail_steps() if kind == "mail" else table_steps()
        problem = Problem(name="toy", need="a toy", task="binary", unit="row", target="label", positive="yes")
        parts: dict[str, Any] = {
            "name": "toy",
            "kind": kind,
            "problem": problem,
            "inputs": steps.inputs,
            "steps": steps,
            "scorer": scorer_of(steps),
            "calibrator": Platt(slope=1.0, intercept=0.0),
            "threshold": 0.6,
            "extra": {"reference.json": b"{}"},
        }
        return write_model(folder, **(parts | options))

    return make
