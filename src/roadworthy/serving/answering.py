"""What the server asks of a model. `bundle.model.Model` has this shape; so have the fakes beside the tests."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from roadworthy.bundle.encoded import Columns
from roadworthy.bundle.inputs import InputField


class Predictions(Protocol):
    """Answers by row."""

    @property
    def probability(self) -> NDArray[np.float64]:
        """Of the positive class."""

    @property
    def decision(self) -> NDArray[np.int8]:
        """1 is positive."""

    @property
    def dense(self) -> NDArray[np.float32]:
        """Features as the model saw them, for the log."""

    @property
    def keys(self) -> Sequence[str]:
        """What names each record; may be empty strings."""


class Model(Protocol):
    """A loaded bundle."""

    name: str
    version: str
    kind: str
    positive: str
    negative: str
    threshold: float

    @property
    def inputs(self) -> Sequence[InputField]:
        """The declared inputs of a table model."""

    def predict(self, columns: Columns) -> Predictions:
        """Rows of a table, by column."""

    def predict_raw(self, raws: Sequence[bytes]) -> Predictions:
        """Raw mails."""


def warm(model: Model) -> None:
    """Ask the model once, so that its first real question is not the slow one."""
    if model.kind == "mail":
        model.predict_raw([b"Subject: warm\r\n\r\nwarm\r\n"])
        return
    columns: dict[str, list[Any]] = {field.name: [None] for field in model.inputs}
    model.predict(columns)
