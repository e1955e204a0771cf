"""Explain: one logged prediction, the model that made it, and what in the input moved it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct, field

from roadworthy.bundle.mail import mail_columns, parse_mail
from roadworthy.bundle.model import Model
from roadworthy.bundle.predictions import FeedbackRecord, LogPosition, PredictionRecord, read_log
from roadworthy.evaluation.explanation import Effect, explain_row
from roadworthy.kernel.errors import PlaceError
from roadworthy.lifecycle.project import Project
from roadworthy.lifecycle.references import reference_of
from roadworthy.monitoring.reference import Reference

_TAKEN_AWAY = {
    "subject": "",
    "text": "",
    "links": [],
    "attachments": [],
    "from_domain": "",
    "from_name": "",
    "headers": [],
    "mailer": "",
}


class Explanation(Struct, frozen=True, kw_only=True):
    """What is known of one prediction.

    Attributes:
        effects: parts of the input by how much they moved the answer; empty if inputs were not kept.
        unusual: dense features that lie where the reference has few rows, rarest first.
        labels: truths that came back for it.
    """

    id: str
    key: str
    at: float
    model: str
    version: str
    label: str
    probability: float
    threshold: float
    effects: list[Effect] = field(default_factory=list)
    unusual: list[dict[str, Any]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    note: str = ""


def explain(project: Project, prediction: str) -> Explanation:
    """Look a prediction up by its id or key, and ask its own model again with parts taken away.

    Raises:
        PlaceError: if no such prediction was logged.
    """
    record = _find(project, prediction)
    bundle = project.bundles / record.version
    model = Model.load(bundle)
    if record.raw is None:
        note, effects = "inputs are not kept ([deploy.online] keep_inputs = false), so parts cannot be taken away", []
    else:
        note, effects = "", _effects(model, record.raw)
    return Explanation(
        id=record.id,
        key=record.key,
        at=record.at,
        model=record.model,
        version=record.version,
        label=model.positive if record.decision else model.negative,
        probability=record.probability,
        threshold=model.threshold,
        effects=effects,
        unusual=_unusual(reference_of(bundle), record.features),
        labels=_labels(project, record),
        note=note,
    )


def _effects(model: Model, raw: bytes) -> list[Effect]:
    columns = mail_columns([parse_mail(raw)])
    row = {name: values[0] for name, values in columns.items()}
    return explain_row(lambda rows: model.predict(rows).probability, row, neutral=_TAKEN_AWAY, lines_of=["text"])


def _unusual(
    reference: Reference, features: Sequence[float], most: int = 5, share: float = 0.02
) -> list[dict[str, Any]]:
    """Features in bins that at most a share of the reference fell into, rarest first."""
    found: list[dict[str, Any]] = []
    for name, bins, value in zip(reference.names, reference.features, features, strict=True):
        placed = int(bins.place(np.array([value], dtype=np.float32))[0])
        held = bins.counts[placed] / max(1, reference.counted)
        if held <= share:
            found.append({"name": name, "value": value, "share": held})
    return sorted(found, key=lambda feature: feature["share"])[:most]


def _find(project: Project, prediction: str) -> PredictionRecord:
    position: LogPosition | None = None
    while True:
        read = read_log(project.logs, "predictions", position=position)
        for record in read.records:
            if isinstance(record, PredictionRecord) and prediction in (record.id, record.key):
                return record
        if not read.more:
            break
        position = read.position
    raise PlaceError(
        f"no prediction {prediction!r} was logged",
        where=str(project.logs),
        fix="give the id that the server answered with",
    )


def _labels(project: Project, record: PredictionRecord) -> list[str]:
    told = read_log(project.logs, "feedback").records
    return [
        said.label
        for said in told
        if isinstance(said, FeedbackRecord) and (said.id == record.id or (said.key and said.key == record.key))
    ]
