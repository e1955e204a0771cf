"""What travels from one stage to the next. Records are frozen; only `lifecycle` carries them."""

from typing import Any

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Interval


class Measured(Struct, frozen=True):
    """A number with its interval and the rows it rests on."""

    value: float
    interval: Interval | None = None
    rows: int = 0
    unit: str = ""


class SourceFile(Struct, frozen=True, kw_only=True):
    """One raw file that went into a snapshot."""

    path: str
    bytes: int
    sha256: str


class Snapshot(Struct, frozen=True, kw_only=True):
    """A versioned, immutable, content-addressed table.

    Attributes:
        id: hex SHA-256 of the rows (`table.parquet` in the snapshot's folder).
        kind: `mail` (rows are messages, column `raw_sha256` names the message) or `table`.
        rows: number of records.
        columns: name to scale: continuous, discrete, nominal, ordinal, binary, identifier, text, datetime.
        sources: the raw files, in reading order.
        lineage: what was declared to make it: source declarations, consent, pseudonymised columns.
    """

    id: str
    kind: str
    rows: int
    columns: dict[str, str]
    sources: list[SourceFile]
    lineage: dict[str, Any] = field(default_factory=dict)


class Split(Struct, frozen=True, kw_only=True):
    """Row numbers of a snapshot, in the order in which they should be used.

    Attributes:
        method: random, stratified, time or group.
        train: int64 row numbers, oldest first where time is known. Everything that is fitted, searched, calibrated
            or thresholded uses these alone.
        test: int64 row numbers that nothing is tuned on.
        group: int64 group of every row of the snapshot (near-duplicates share one); folds keep groups whole.
        cut: ISO time where the test part begins, for a time split.
    """

    method: str
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    group: NDArray[np.int64]
    cut: str | None = None


class Scored(Struct, frozen=True, kw_only=True):
    """Rows with their truth and a model's answer, aligned by position.

    Attributes:
        rows: int64 row numbers of the snapshot.
        truth: int8, 1 is the declared positive class.
        probability: float64 calibrated probability of the positive class, in [0, 1].
        decision: int8, 1 where the model says positive.
        threshold: the model says positive where probability >= threshold.
    """

    rows: NDArray[np.int64]
    truth: NDArray[np.int8]
    probability: NDArray[np.float64]
    decision: NDArray[np.int8]
    threshold: float


class Trial(Struct, frozen=True, kw_only=True):
    """One configuration tried in the search."""

    number: int
    learner: str
    params: dict[str, Any]
    score: float
    folds: list[float]
    seconds: float
    state: str = "complete"


class Step(Struct, frozen=True, kw_only=True):
    """One stage done once: what went in, where its outputs lie, and how long it took."""

    name: str
    fingerprint: str
    inputs: dict[str, str]
    outputs: dict[str, Any]
    seconds: float
    cpu_seconds: float
    at: str


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened: `kind` is dotted (`run.begun`, `release.moved`, `watch.breach`)."""

    kind: str
    subject: str
    at: str
    body: dict[str, Any] = field(default_factory=dict)
    run: str = ""


class Evaluation(Struct, frozen=True, kw_only=True):
    """All that was measured on the test part, ready for the gate and the report.

    Attributes:
        metrics: name to number with interval: `precision`, `recall`, `f1`, `auc`, `one_minus_auc_percent`, ...
        confusion: `tp`, `fp`, `fn`, `tn`.
        curves: name to points: `roc` [fpr, tpr, threshold], `precision_recall` [recall, precision, threshold],
            `calibration` [mean probability, share positive, low, high, rows], `cost` [threshold, cost per row].
        slices: worst first: `slice`, `rows`, `metric`, `value`, `low`, `high`, `overall`.
        groups: fairness rows: `attribute`, `group`, `rows`, and each rate with `low` and `high`.
        baselines: baseline name to its metrics on the same rows.
        findings: comparisons, imbalance warnings, calibration, slices, gaps between groups.
    """

    metrics: dict[str, Measured]
    confusion: dict[str, int]
    curves: dict[str, list[list[float]]]
    slices: list[dict[str, Any]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    baselines: dict[str, dict[str, Measured]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
