"""Predictions and returning labels as small summaries, one per window of time and model version.

The state is a set: the same records in any order, in any number of calls, once or twice, give the same state. A label
is joined to the window that its prediction belongs to, however late it comes.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct, field

from roadworthy.bundle.predictions import FeedbackRecord, PredictionRecord
from roadworthy.monitoring.reference import Reference

KEPT_WINDOWS = 2048
KEPT_ANSWERS = 200_000
_MILLION = 1_000_000


class Label(Struct, frozen=True, array_like=True, order=True):
    """What somebody said the truth was, and when."""

    at: float
    positive: bool
    source: str


class Answer(Struct, frozen=True, array_like=True):
    """One prediction, kept while its label may still come. `labels` are in the order of time; the last one holds."""

    probability: float
    decision: int
    key: str = ""
    labels: tuple[Label, ...] = ()

    @property
    def cell(self) -> int:
        """Place in a confusion table: 0 true positive, 1 false positive, 2 false negative, 3 true negative."""
        return 2 * (1 - self.decision) + (not self.labels[-1].positive)


class Said(Struct, kw_only=True):
    """Labels by the name of a prediction, and whether one of that name was ever seen."""

    labels: list[Label]
    matched: bool = False


class Window(Struct, kw_only=True):
    """One window of one model version, as integers that add up.

    Attributes:
        start: Unix seconds. rows: predictions.
        features: rows per bin of each feature. scores: rows per score bin. said_positive: positive decisions.
        expected_wrong: sum of the chances, by the model's own probability, that a decision is wrong; in millionths.
        labelled: source of labels to true positives, false positives, false negatives, true negatives.
        label_rows, label_positives: labelled rows, and positives among them, per score bin.
        answers: predictions by id, until the window is sealed; after that no label or late row can enter.
    """

    start: float
    version: str
    rows: int = 0
    features: list[list[int]] = field(default_factory=list)
    scores: list[int] = field(default_factory=list)
    said_positive: int = 0
    expected_wrong: int = 0
    labelled: dict[str, list[int]] = field(default_factory=dict)
    label_rows: list[int] = field(default_factory=list)
    label_positives: list[int] = field(default_factory=list)
    corrected: int = 0
    sealed: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)


class Alarm(Struct, frozen=True, kw_only=True):
    """An alarm that stands: raised at a window, for a change that began about `since` (window starts, Unix seconds)."""

    raised: float
    since: float


class State(Struct, kw_only=True):
    """All that `watch` remembers of one model's traffic between two calls.

    Attributes:
        windows: by version, oldest first.
        waiting: labels by `id:` (until that prediction is seen) or `key:` (for as long as windows take labels).
        alarms: standing alarms by `version|check|subject`.
        last: time of the latest prediction by version. judged: start of the latest window judged, by version.
    """

    windows: list[Window] = field(default_factory=list)
    waiting: dict[str, Said] = field(default_factory=dict)
    alarms: dict[str, Alarm] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    judged: dict[str, float] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The state as plain JSON values, for a ledger document."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain

    @property
    def unknown(self) -> int:
        """How many labels came for predictions that were never seen."""
        return sum(len(said.labels) for said in self.waiting.values() if not said.matched)

    def of(self, version: str) -> list[Window]:
        """The windows of one version, oldest first."""
        return [window for window in self.windows if window.version == version]


class Absorbed(Struct, frozen=True, kw_only=True):
    """What one call took in.

    Attributes:
        fresh: predictions seen for the first time. relabelled: ids whose label is new or changed in this call.
        repeated: predictions that were known. others: predictions of other versions, by version.
        misfits: predictions with another number of features than the reference, or with no probability in [0, 1].
        undated: predictions without a usable time. late: predictions for sealed windows.
    """

    state: State
    fresh: list[PredictionRecord]
    relabelled: list[str]
    repeated: int = 0
    others: dict[str, int] = field(default_factory=dict)
    misfits: int = 0
    undated: int = 0
    late: int = 0


def read_state(body: dict[str, Any] | None) -> State:
    """The state of `State.body()`; a new one from None."""
    return msgspec.convert(body, State) if body else State()


def absorb(
    state: State,
    reference: Reference,
    *,
    records: Iterable[PredictionRecord],
    feedback: Iterable[FeedbackRecord],
    version: str,
    clock: "Clock",
) -> Absorbed:
    """Take in records of one version and all feedback; the given state is left as it was."""
    new = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=State)
    taken = _Taking(new, reference, version, clock)
    for record in records:
        taken.sort(record)
    taken.count()
    relabelled = _join(new, reference, feedback, clock)
    _seal(new, clock)
    return Absorbed(
        state=new,
        fresh=taken.fresh,
        relabelled=relabelled,
        repeated=taken.repeated,
        others=taken.others,
        misfits=taken.misfits,
        undated=taken.undated,
        late=taken.late,
    )


class Clock(Struct, frozen=True, kw_only=True):
    """How time is cut, and what a label means.

    Attributes:
        now, width: Unix seconds; seconds of a window.
        horizon: seconds for which a window stays open for labels.
        positive: the label that is the positive class.
    """

    now: float
    width: float
    horizon: float
    positive: str

    def start(self, at: float) -> float:
        """Start of the window that a time falls into."""
        return math.floor(at / self.width) * self.width

    def usable(self, at: float) -> bool:
        """Whether a time is a number, not before 1970 and not more than a window ahead of now."""
        return math.isfinite(at) and 0 <= at <= self.now + self.width


class _Taking:
    """Sorts records into windows and counts them in one go per window."""

    def __init__(self, state: State, reference: Reference, version: str, clock: Clock) -> None:
        self.state, self.reference, self.version, self.clock = state, reference, version, clock
        self.windows = {window.start: window for window in state.of(version)}
        self.known = {name for window in self.windows.values() for name in window.answers}
        self.batches: dict[float, list[PredictionRecord]] = {}
        self.fresh: list[PredictionRecord] = []
        self.others: dict[str, int] = {}
        self.repeated = self.misfits = self.undated = self.late = 0

    def sort(self, record: PredictionRecord) -> None:
        """Put one record into its batch, or count why not."""
        if record.version != self.version:
            self.others[record.version] = self.others.get(record.version, 0) + 1
        elif not self.clock.usable(record.at):
            self.undated += 1
        elif record.id in self.known:
            self.repeated += 1
        elif len(record.features) != len(self.reference.names) or not 0 <= record.probability <= 1:
            self.misfits += 1
        else:
            self._batch(record)

    def _batch(self, record: PredictionRecord) -> None:
        start = self.clock.start(record.at)
        window = self.windows.get(start)
        if window is not None and window.sealed:
            self.late += 1
            return
        self.known.add(record.id)
        self.batches.setdefault(start, []).append(record)
        self.fresh.append(record)

    def count(self) -> None:
        """Add every batch to its window."""
        for start, batch in self.batches.items():
            if start not in self.windows:
                self.windows[start] = _empty(start, self.version, reference=self.reference)
                self.state.windows.append(self.windows[start])
            _add(self.windows[start], batch, reference=self.reference)
            last = max(record.at for record in batch)
            self.state.last[self.version] = max(last, self.state.last.get(self.version, 0.0))
        self.state.windows.sort(key=lambda window: (window.version, window.start))


def _empty(start: float, version: str, *, reference: Reference) -> Window:
    bins = len(reference.score_rows)
    return Window(
        start=start,
        version=version,
        features=[[0] * feature.bins for feature in reference.features],
        scores=[0] * bins,
        label_rows=[0] * bins,
        label_positives=[0] * bins,
    )


def _add(window: Window, batch: Sequence[PredictionRecord], *, reference: Reference) -> None:
    dense = np.array([record.features for record in batch], dtype=np.float32).reshape(len(batch), -1)
    probability = np.array([record.probability for record in batch])
    decision = np.array([record.decision for record in batch])
    for position, (feature, column) in enumerate(zip(reference.features, dense.T, strict=True)):
        placed = np.bincount(feature.place(column), minlength=feature.bins)
        window.features[position] = (placed + window.features[position]).tolist()
    scores = np.bincount(reference.score_bin(probability), minlength=len(window.scores))
    window.scores = (scores + window.scores).tolist()
    wrong = np.where(decision == 1, 1 - probability, probability)
    window.expected_wrong += int(np.rint(wrong * _MILLION).sum())
    window.said_positive += int(decision.sum())
    window.rows += len(batch)
    for record in batch:
        window.answers[record.id] = Answer(record.probability, int(record.decision), record.key)


def _join(state: State, reference: Reference, feedback: Iterable[FeedbackRecord], clock: Clock) -> list[str]:
    """Give every label to its prediction; what finds none waits. Returns the ids whose label changed."""
    for said in feedback:
        if math.isfinite(said.at) and (said.id or said.key):
            name = f"id:{said.id}" if said.id else f"key:{said.key}"
            waiting = state.waiting.setdefault(name, Said(labels=[]))
            waiting.labels.append(Label(said.at, said.label == clock.positive, said.source))
    if not state.waiting:
        return []
    changed = []
    for window in state.windows:
        for name, answer in window.answers.items():
            meant = [state.waiting[key] for key in (f"id:{name}", f"key:{answer.key}") if key in state.waiting]
            for said_of in meant:
                said_of.matched = True
            labels = [label for said_of in meant for label in said_of.labels]
            if labels and _label(window, name, labels=labels, reference=reference):
                changed.append(name)
    state.waiting = {
        name: Said(labels=sorted(set(said.labels)), matched=said.matched)
        for name, said in sorted(state.waiting.items())
        if not (said.matched and name.startswith("id:")) and max(said.labels).at >= clock.now - clock.horizon
    }
    return changed


def _label(window: Window, name: str, *, labels: Sequence[Label], reference: Reference) -> bool:
    """Add labels to one answer; True if the label that holds is new or another."""
    old = window.answers[name]
    new = msgspec.structs.replace(old, labels=tuple(sorted({*old.labels, *labels})))
    if new.labels == old.labels:
        return False
    for answer, sign in ((old, -1), (new, 1)):
        if answer.labels:
            _tally(window, answer, sign=sign, reference=reference)
    window.answers[name] = new
    return not old.labels or old.labels[-1].positive != new.labels[-1].positive


def _tally(window: Window, answer: Answer, *, sign: int, reference: Reference) -> None:
    cells = window.labelled.setdefault(answer.labels[-1].source, [0, 0, 0, 0])
    cells[answer.cell] += sign
    if not any(cells):
        del window.labelled[answer.labels[-1].source]
    place = int(reference.score_bin(np.array([answer.probability]))[0])
    window.label_rows[place] += sign
    window.label_positives[place] += sign * answer.labels[-1].positive
    window.corrected += sign * (len({label.positive for label in answer.labels}) > 1)


def _seal(state: State, clock: Clock) -> None:
    """Forget single answers that no label is expected for any more, and windows beyond what is kept."""
    answers = 0
    for window in sorted(state.windows, key=lambda window: -window.start):
        newest = answers == 0
        answers += len(window.answers)
        expired = window.start + clock.width < clock.now - clock.horizon
        if expired or (answers > KEPT_ANSWERS and not newest):
            window.sealed, window.answers = True, {}
    for version in {window.version for window in state.windows}:
        surplus = {window.start for window in state.of(version)[:-KEPT_WINDOWS]}
        state.windows = [w for w in state.windows if w.version != version or w.start not in surplus]
