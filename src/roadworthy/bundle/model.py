"""A released model. Evaluation, inspection, the server and batches all ask this one object."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.calibrator import Calibrator, load_calibrator
from roadworthy.bundle.encoded import Columns, Scorer, Steps
from roadworthy.bundle.inputs import InputField
from roadworthy.bundle.mail import mail_columns, parse_mail
from roadworthy.bundle.manifest import Manifest, read_manifest
from roadworthy.bundle.scorers import load_scorer
from roadworthy.bundle.steps.frozen import load_steps
from roadworthy.kernel.errors import DataError


class Predictions(Struct, frozen=True, kw_only=True, eq=False):
    """Answers by row.

    Attributes:
        probability: float64, of the positive class, calibrated. decision: int8, 1 where it reaches the threshold.
        score: float64, before calibration. dense: float32 (rows, len(names)), the features without the words.
        keys: Message-ID of a mail (its SHA-256 where it has none); empty for rows of a table.
    """

    probability: NDArray[np.float64]
    decision: NDArray[np.int8]
    score: NDArray[np.float64]
    dense: NDArray[np.float32]
    names: tuple[str, ...]
    keys: list[str]


class Model:
    """Steps, scorer, calibrator and threshold, as they were released. `Model.load` makes one.

    Attributes:
        name: of the problem. version: content id of the bundle. kind: `mail` or `table`.
        positive, negative: the two answers. threshold: positive is said where probability >= threshold.
        inputs: columns that `predict` needs. names: of the dense features.
    """

    def __init__(self, manifest: Manifest, *, steps: Steps, scorer: Scorer, calibrator: Calibrator) -> None:
        self.manifest = manifest
        self.name, self.version, self.kind = manifest.name, manifest.version, manifest.kind
        self.positive, self.negative, self.threshold = manifest.positive, manifest.negative, manifest.threshold
        self.inputs: tuple[InputField, ...] = manifest.inputs
        self.names = steps.names
        self.steps, self.scorer, self.calibrator = steps, scorer, calibrator

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a bundle; every file is checked against the manifest first, and nothing is ever unpickled.

        Whether the model may be used is for its certificate to say (`roadworthy.bundle.certificate.verify_bundle`).

        Raises:
            BundleError: if the bundle is of another format, or a file was changed, is missing or does not belong to it.
        """
        manifest = read_manifest(folder)
        return cls(
            manifest,
            steps=load_steps(folder / "steps", manifest.steps),
            scorer=load_scorer(folder / "scorer", manifest.scorer),
            calibrator=load_calibrator(manifest.calibrator),
        )

    def predict(self, columns: Columns) -> Predictions:
        """Answers for rows given by column; columns that the model does not know are ignored.

        Raises:
            DataError: if a column is missing or of another length, or a cell is not of its type.
        """
        rows = {len(values) for values in columns.values()}
        if len(rows) > 1:
            raise DataError(
                f"the columns have different lengths: {sorted(rows)}",
                where="the rows to predict",
                fix="give each column one cell for every row",
            )
        encoded = self.steps.encode(columns)
        score = self.scorer.score(encoded)
        probability = self.calibrator(score)
        ids = columns.get("message_id", ()) if self.kind == "mail" else ()
        return Predictions(
            probability=probability,
            decision=(probability >= self.threshold).astype(np.int8),
            score=score,
            dense=encoded.dense,
            names=encoded.names,
            keys=[str(key) for key in ids] or [""] * len(score),
        )

    def predict_raw(self, raws: Sequence[bytes]) -> Predictions:
        """Answers for raw messages.

        Raises:
            DataError: if this is no model of mail.
        """
        if self.kind != "mail":
            raise DataError(f"{self.name!r} reads columns, not mail", where="predict_raw", fix="call predict")
        columns = mail_columns([parse_mail(raw) for raw in raws])
        named = zip(columns["message_id"], raws, strict=True)
        found = self.predict(columns)
        found.keys[:] = [key or hashlib.sha256(raw).hexdigest() for key, raw in named]
        return found
