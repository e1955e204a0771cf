"""One look at what came in: state and records in; state, windows, findings and review items out. Nothing is stored."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from msgspec import Struct, field

from roadworthy.bundle.predictions import FeedbackRecord, PredictionRecord
from roadworthy.declare.monitoring import Monitor
from roadworthy.declare.problem import Costs
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Limit, Verdict
from roadworthy.monitoring import wording
from roadworthy.monitoring.drift import change_in_production, input_drift, prediction_drift
from roadworthy.monitoring.evidence import Track, log_threshold
from roadworthy.monitoring.quality import (
    ALWAYS,
    Bar,
    bars,
    calibration,
    due,
    estimate,
    estimated_cost,
    estimated_values,
    labelled_windows,
    measure,
)
from roadworthy.monitoring.reference import Reference
from roadworthy.monitoring.review import ReviewItem, draw_reviews
from roadworthy.monitoring.windows import Absorbed, Alarm, Clock, State, Window, absorb
from roadworthy.monitoring.wording import Standing

_SHORTEST_HORIZON = 30  # windows for which a label is waited for, however short the declared delay
_GAPS = 3.0  # a silence is longer than this many windows, and than twice the longest gap seen
_JUDGED_AGAIN = 60
_ALWAYS_ON = 4  # monitors that every model has: inputs, change in production, predictions, calibration


class WindowLine(Struct, frozen=True, kw_only=True):
    """One window in figures, for a table or a plot.

    Attributes:
        start: Unix seconds. rows: predictions. said_positive: share of positive decisions.
        estimated: measure to its estimate without labels. measured: measure to its value on returned labels.
        labelled: predictions with a label. whole: whether the window is over.
    """

    start: float
    version: str
    rows: int
    said_positive: float
    estimated: dict[str, float]
    measured: dict[str, float]
    labelled: int
    whole: bool


class Observed(Struct, frozen=True, kw_only=True):
    """What one look gave.

    Attributes:
        state: to be kept for the next look. version: the one judged.
        windows: every window of that version that is kept, oldest first.
        findings: one per monitor; `evidence["since"]` names the alarm it belongs to, `evidence["new"]` says that this
            look raised it, `evidence["wanted"]` lists what should be done (`review`, `retrain`).
        reviews: items to put before people.
        breach: whether an alarm stands that the declared `on_failure` should act on.
    """

    state: State
    version: str
    windows: list[WindowLine]
    findings: list[Finding]
    reviews: list[ReviewItem] = field(default_factory=list)
    breach: bool = False


def observe(  # noqa: PLR0913  # one look needs all of these; all but the first four are named by the caller
    reference: Reference,
    state: State,
    records: Sequence[PredictionRecord],
    feedback: Sequence[FeedbackRecord],
    *,
    plan: Monitor,
    costs: Costs,
    positive: str,
    now: float,
    declared: Mapping[str, Limit] | None = None,
    version: str = "",
) -> Observed:
    """Look once at what came in since the last look.

    Looking twice at the same records changes nothing. Records of other versions are not mixed in: call again with their
    reference, and this call's state, to judge them.

    Args:
        reference: of the bundle that gave the predictions. state: of the last look, or `State()`.
        records: predictions, any order. feedback: labels that came back, any order.
        plan: window, label delay, false-alarm budget, what to do on failure.
        costs: of the two kinds of error, to say what the errors cost.
        positive: the label that is the positive class. now: Unix seconds.
        declared: the certificate's bars, `require.metrics`.
        version: whose windows to judge; empty for that of the latest record, else of the latest window.
    """
    clock = Clock(
        now=now,
        width=plan.window.seconds,
        horizon=max(_SHORTEST_HORIZON * plan.window.seconds, 4 * plan.labels.delay.seconds),
        positive=positive,
    )
    judged = version or _latest(state, records)
    absorbed = absorb(state, reference, records=records, feedback=feedback, version=judged, clock=clock)
    held = bars(reference, declared or {})
    look = _Look(reference, absorbed.state, clock, plan=plan, version=judged, monitors=_ALWAYS_ON + len(held))
    found = [*look.drift(), *look.quality(held, costs), *_health(absorbed, look)]
    absorbed.state.judged.update({judged: look.windows[-1].start} if look.windows else {})
    return Observed(
        state=absorbed.state,
        version=judged,
        windows=[_line(reference, window, clock) for window in look.windows],
        findings=found,
        reviews=draw_reviews(
            reference, absorbed.state, fresh=absorbed.fresh, relabelled=absorbed.relabelled, version=judged
        ),
        breach=any(f.verdict is Verdict.FAIL and f.severity is not Severity.NOTE for f in found),
    )


class _Look:
    """The monitors of one version over its windows; alarms are kept in the state."""

    def __init__(
        self, reference: Reference, state: State, clock: Clock, *, plan: Monitor, version: str, monitors: int
    ) -> None:
        self.reference, self.state, self.clock, self.plan, self.version = reference, state, clock, plan, version
        self.windows = state.of(version)
        self.threshold = log_threshold(plan.false_alarms, monitors=monitors)
        self.recent = self.windows
        self.predictions_moved = False

    def drift(self) -> list[Finding]:
        """Inputs, change in production, predictions."""
        if not self.windows:
            return []
        positions = self._positions(self.windows)
        inputs = input_drift(self.reference, self.windows, positions, threshold=self.threshold)
        whole = [window for window in self.windows if self._whole(window)]
        change = change_in_production(self.reference, whole, self._positions(whole), threshold=self.threshold)
        answers = prediction_drift(self.reference, self.windows, positions, threshold=self.threshold)
        standing = self.standing("drift.prediction", "probability", answers.track, windows=self.windows)
        if standing.stands:
            self.predictions_moved, self.recent = True, self.windows[-answers.track.back :]
        return [
            *wording.of_inputs(
                inputs, self.standing("drift.input", "all features", inputs.track, windows=self.windows)
            ),
            wording.of_change(change, self._change(change, whole), moved=inputs.moved, windows=len(whole)),
            wording.of_predictions(answers, standing),
        ]

    def quality(self, held: Sequence[Bar], costs: Costs) -> list[Finding]:
        """Estimated quality, then measured quality and calibration where labels are due."""
        if not self.windows:
            return []
        scores = np.array([window.scores for window in self.recent], dtype=np.int64).sum(axis=0)
        by_metric = {bar.metric: bar for bar in held}
        found = []
        for metric in dict.fromkeys((*ALWAYS, *by_metric)):
            guess = estimate(self.reference, scores, metric)
            if guess is not None and metric in by_metric:
                cost = estimated_cost(self.reference, scores, costs) if metric == "error_rate" else None
                found.append(wording.of_estimate(guess, by_metric[metric], moved=self.predictions_moved, cost=cost))
        measured = self._measured(held)
        return [*(wording.contradicted(guess, measured) for guess in found), *measured]

    def _measured(self, held: Sequence[Bar]) -> list[Finding]:
        ready = due(self.windows, now=self.clock.now, width=self.clock.width, delay=self.plan.labels.delay.seconds)
        labelled = labelled_windows(ready)
        if labelled is None:
            return [wording.of_no_labels(sum(window.rows for window in ready))]
        # a label changes old windows too, so recent ones are judged again
        positions = list(range(max(0, len(ready) - _JUDGED_AGAIN), len(ready)))
        found = []
        for bar in held:
            measured = measure(labelled, bar, positions, threshold=self.threshold)
            if measured is not None:
                check = f"quality.{bar.metric}"
                found.append(
                    wording.of_measurement(measured, self.standing(check, "labelled", measured.track, windows=ready))
                )
        every = sum(sum(window.label_rows) for window in ready)
        if not labelled.selected and labelled.labelled == every:
            broken = calibration(self.reference, ready, positions, threshold=self.threshold)
            if broken is not None:
                standing = self.standing("quality.calibration", "probability", broken.track, windows=ready)
                found.append(wording.of_calibration(broken, standing))
        return found

    def standing(self, check: str, subject: str, track: Track, *, windows: Sequence[Window]) -> Standing:
        """Whether the alarm stands, since when, and whether this look raised it."""
        key = f"{self.version}|{check}|{subject}"
        old = self.state.alarms.pop(key, None)
        if track.gone:
            return Standing(wanted=self.plan.on_failure)
        alarm = old
        if alarm is None and track.raised is not None and track.since is not None:
            alarm = Alarm(raised=windows[track.raised].start, since=windows[track.since].start)
        if alarm is None:
            return Standing(wanted=self.plan.on_failure)
        self.state.alarms[key] = alarm
        return Standing(since=alarm.since, raised=alarm.raised, new=old is None, wanted=self.plan.on_failure)

    def _change(self, track: Track | None, whole: Sequence[Window]) -> Standing:
        if track is None:
            return Standing(wanted=self.plan.on_failure)
        return self.standing("drift.input", "latest windows", track, windows=whole)

    def _positions(self, windows: Sequence[Window]) -> list[int]:
        """Windows not judged before; the newest is always judged again, as it may have grown."""
        judged = self.state.judged.get(self.version, float("-inf"))
        return [place for place, window in enumerate(windows) if window.start >= judged] or [len(windows) - 1]

    def _whole(self, window: Window) -> bool:
        return window.start + self.clock.width <= self.clock.now


def _latest(state: State, records: Sequence[PredictionRecord]) -> str:
    """The version that answered last."""
    newest = max(records, key=lambda record: record.at, default=None)
    if newest is not None:
        return newest.version
    return max(state.last, key=lambda version: state.last[version], default="")


def _health(absorbed: Absorbed, look: _Look) -> list[Finding]:
    """Is the monitor itself being fed?"""
    state, clock, version = absorbed.state, look.clock, look.version
    found = [wording.of_records(absorbed), wording.of_feedback(state, look.windows)]
    last = state.last.get(version)
    replaced = any(at > (last or 0.0) for other, at in state.last.items() if other != version) or absorbed.others
    if last is None or replaced:
        return found
    starts = [window.start for window in look.windows]
    longest = max((b - a for a, b in pairwise(starts)), default=0.0)
    allowed = max(_GAPS * clock.width, 2 * longest)
    return [*found, wording.of_silence(clock.now - last, allowed=allowed, wanted=look.plan.on_failure)]


def _line(reference: Reference, window: Window, clock: Clock) -> WindowLine:
    labelled = labelled_windows([window])
    return WindowLine(
        start=window.start,
        version=window.version,
        rows=window.rows,
        said_positive=window.said_positive / window.rows,
        estimated=estimated_values(reference, np.array(window.scores), ALWAYS),
        measured=labelled.shares(ALWAYS) if labelled else {},
        labelled=sum(window.label_rows),
        whole=window.start + clock.width <= clock.now,
    )
