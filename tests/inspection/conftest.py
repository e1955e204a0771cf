"""Two small released models: one of a table, one of mail."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from roadworthy.bundle.calibrator import Platt
from roadworthy.bundle.inputs import InputField
from roadworthy.bundle.mail import mail_columns, parse_mail
from roadworthy.bundle.model import Model
from roadworthy.bundle.scorers import LinearScorer, Standard
from roadworthy.bundle.steps.frozen import FrozenSteps
from roadworthy.bundle.steps.tables import Category, Number
from roadworthy.bundle.write import write_model
from roadworthy.declare.data import Data, Source
from roadworthy.declare.declaration import Declaration
from roadworthy.declare.problem import Problem
from roadworthy.declare.training import Features, TextFeatures
from roadworthy.features.design import make_design

PROBLEM = Problem(name="tiny", need="tests", task="binary", unit="one row", target="label", positive="spam")
SPAM = ("free money now", "winner claim your prize", "cheap pills online", "click here for cash")
HAM = ("meeting notes attached", "lunch on friday", "the patch looks good", "minutes of the call")


@dataclass(frozen=True)
class Released:
    folder: Path
    model: Model
    columns: dict
    truth: np.ndarray
    raws: list


def linear(dense_weights, sparse_weights, *, intercept=0.0):
    width = len(dense_weights)
    standard = Standard(centre=np.zeros(width), divisor=np.ones(width))
    return LinearScorer(
        intercept=intercept,
        sparse=np.float32(sparse_weights).astype(np.float64),
        standard=standard,
        dense=np.array(dense_weights, dtype=np.float64),
        missing=np.zeros(width),
    )


@pytest.fixture(scope="session")
def table(tmp_path_factory) -> Released:
    rng = np.random.default_rng(0)
    amount = rng.normal(0, 1, 400)
    columns = {"amount": amount.tolist(), "purpose": rng.choice(["car", "house"], 400).tolist()}
    truth = ((amount + rng.normal(0, 0.3, 400)) > 0).astype(np.int8)
    inputs = (InputField(name="amount", type="number"), InputField(name="purpose", type="text"))
    steps = FrozenSteps(
        dense=(Number(column="amount"), Category(column="purpose", values=("car", "house"))), text=(), inputs=inputs
    )
    folder, model = _released(tmp_path_factory, "table", steps, linear([3.0, 0.2, 0.0, 0.0, 0.0], []))
    return Released(folder, model, columns, truth, [])


@pytest.fixture(scope="session")
def mail(tmp_path_factory) -> Released:
    rng = np.random.default_rng(1)
    raws, truth = [], []
    for row in range(120):
        spam = row % 2
        message = EmailMessage()
        message["From"], message["Message-ID"] = "a@example.org", f"<{row}@example.org>"
        message["Date"] = datetime(2024, 1, 1 + row % 28, tzinfo=UTC)
        words = [str(rng.choice(SPAM if spam else HAM)) for _ in range(3)]
        message["Subject"] = words[0]
        message.set_content(" ".join(words))
        raws.append(bytes(message))
        truth.append(spam)
    columns = mail_columns([parse_mail(raw) for raw in raws])
    declaration = Declaration(
        problem=PROBLEM,
        data=Data(sources=(Source(kind="mail", path="x"),)),
        features=Features(text=TextFeatures(columns=("subject", "text"), characters=False, ngrams=1)),
    )
    target = np.array(truth, dtype=np.int8)
    steps = make_design(pl.DataFrame(columns, strict=False), declaration, truth=target).fit(np.arange(120))
    encoded = steps.encode(columns)
    sums = [
        np.bincount(encoded.sparse.indices, encoded.sparse.data * sign, encoded.sparse.width)
        for sign in (np.repeat(2.0 * target - 1, np.diff(encoded.sparse.indptr)),)
    ]
    scorer = linear([0.0] * len(steps.names), sums[0] * 0.2, intercept=-0.4)
    folder, model = _released(tmp_path_factory, "mail", steps, scorer)
    return Released(folder, model, columns, target, raws)


def _released(factory, kind, steps, scorer):
    folder = factory.mktemp(kind)
    write_model(
        folder,
        name="tiny",
        kind=kind,
        problem=PROBLEM,
        inputs=steps.inputs,
        steps=steps,
        scorer=scorer,
        calibrator=Platt(slope=1.0, intercept=0.0),
        threshold=0.5,
    )
    return folder, Model.load(folder)
