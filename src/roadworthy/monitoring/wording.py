"""What the monitors found, as findings that a person can act on."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Limit, Verdict
from roadworthy.kernel.units import ago, plural
from roadworthy.measures.intervals import rows_to_decide
from roadworthy.measures.judging import in_words
from roadworthy.monitoring.drift import PAGES, InputDrift, PredictionDrift, gathered
from roadworthy.monitoring.evidence import Track
from roadworthy.monitoring.quality import Bar, Calibration, Estimate, Measurement
from roadworthy.monitoring.windows import Absorbed, State, Window

_BLIND = "a change in what the inputs mean would not show here before labels come"
_MISCALIBRATED = 0.02
"""Mean distance of seen from promised shares, beyond chance, from which a calibration break is more than a note."""


class Standing(Struct, frozen=True, kw_only=True):
    """An alarm as it stands: window starts in Unix seconds, None without an alarm."""

    since: float | None = None
    raised: float | None = None
    new: bool = False
    wanted: Sequence[str] = ()

    @property
    def stands(self) -> bool:
        """Whether there is an alarm."""
        return self.since is not None

    @property
    def verdict(self) -> Verdict:
        """Fail while the alarm stands."""
        return Verdict.FAIL if self.stands else Verdict.PASS

    def evidence(self, track: Track, *, wanted: Sequence[str] | None = None) -> dict[str, Any]:
        """The alarm as JSON; `wanted` narrows what should be done."""
        facts: dict[str, Any] = {
            "log10_evidence": round(min(track.log_evidence, 5000.0) / math.log(10), 2),
            "log10_alarm": round(track.log_threshold / math.log(10), 2),
        }
        if self.since is not None and self.raised is not None:
            facts |= {"since": when(self.since), "raised": when(self.raised), "new": self.new}
            facts["wanted"] = [action for action in self.wanted if wanted is None or action in wanted]
        return facts


def when(at: float) -> str:
    """Unix seconds as ISO time.

    >>> when(0.0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def of_inputs(drift: InputDrift, standing: Standing) -> list[Finding]:
    """All features together, then each that is named."""
    moved = drift.moved
    severity = Severity.WARNING if moved >= PAGES else Severity.NOTE
    features = plural(len(drift.named), "feature")
    if standing.since is not None and drift.named:
        worst = drift.named[0]
        summary = (
            f"inputs have moved since {when(standing.since)}: {features}, most of all {worst.name} "
            f"({in_words(worst.moved, 'share')} of rows beyond chance); {drift.track.shown}"
        )
    elif standing.stands:
        summary = f"inputs have moved, no single feature stands out; {drift.track.shown}"
    else:
        summary = f"no drift of the inputs beyond chance; {drift.track.shown}"
    overall = Finding(
        check="drift.input",
        subject="all features",
        verdict=standing.verdict,
        summary=summary,
        measured=moved,
        unit="share",
        severity=severity,
        evidence={**standing.evidence(drift.track, wanted=("review",)), "features": gathered(drift.named)},
        remedy="look at the named features and at the queue of edge cases" if standing.stands else "",
    )
    return [overall, *(_of_feature(shift, standing) for shift in (gathered(drift.named) if standing.stands else []))]


def _of_feature(shift: dict[str, Any], standing: Standing) -> Finding:
    since = f" since {when(standing.since)}" if standing.since is not None else ""
    return Finding(
        check="drift.input",
        subject=str(shift["feature"]),
        verdict=Verdict.FAIL,
        summary=(
            f"{shift['feature']} has moved{since}: {in_words(shift['moved'], 'share')} of rows beyond chance; alone it "
            f"would change the share of positives by {in_words(shift['expected_positive_share'], 'share')}"
        ),
        measured=shift["moved"],
        unit="share",
        severity=Severity.NOTE,
        evidence={"bins": shift["bins"]},
    )


def of_change(track: Track | None, standing: Standing, *, moved: float, windows: int) -> Finding:
    """The latest windows against the windows before them."""
    if track is None:
        return Finding(
            check="drift.input",
            subject="latest windows",
            verdict=Verdict.CANNOT_TELL,
            summary=f"too few whole windows ({windows}) to hold the latest against the earlier ones",
            severity=Severity.NOTE,
        )
    began = f" since {when(standing.since)}" if standing.since is not None else ""
    return Finding(
        check="drift.input",
        subject="latest windows",
        verdict=standing.verdict,
        summary=(
            f"windows{began} are unlike the windows before them; {track.shown}"
            if standing.stands
            else f"the latest windows are like the windows before them; {track.shown}"
        ),
        severity=Severity.WARNING if moved >= PAGES else Severity.NOTE,
        evidence=standing.evidence(track, wanted=("review",)),
        remedy="look for what changed at that time: senders, campaigns, upstream systems" if standing.stands else "",
    )


def of_predictions(drift: PredictionDrift, standing: Standing) -> Finding:
    """The probabilities that the model gives."""
    now, before = in_words(drift.said_positive, "share"), in_words(drift.reference_positive, "share")
    began = f" since {when(standing.since)}" if standing.since is not None else ""
    return Finding(
        check="drift.prediction",
        subject="probability",
        verdict=standing.verdict,
        summary=(
            f"the model's answers have moved{began}: {now} positive, {before} before release; {drift.track.shown}"
            if standing.stands
            else f"the model's answers are as before release ({now} positive, {before} then); {drift.track.shown}"
        ),
        measured=drift.moved,
        unit="share",
        severity=Severity.WARNING if drift.moved >= PAGES else Severity.NOTE,
        evidence=standing.evidence(drift.track),
        remedy="review edge cases, get labels for the latest windows, retrain if they confirm"
        if standing.stands
        else "",
    )


def of_estimate(guess: Estimate, bar: Bar, *, moved: bool, cost: float | None) -> Finding:
    """Estimated quality. Only a drift of the predictions, which keeps its own budget, can make it fail."""
    judged = bar.limit.judge(guess.value, guess.interval)
    verdict = Verdict.CANNOT_TELL if judged is Verdict.FAIL and not moved else judged
    asked = "declared" if bar.declared else "as before release"
    value, low, high = (in_words(x, "share") for x in (guess.value, guess.interval.low, guess.interval.high))
    extra = "" if cost is None else f", about {in_words(cost, '')} in cost a prediction"
    return Finding(
        check=f"quality.estimated_{guess.metric}",
        subject="unlabelled",
        verdict=verdict,
        summary=(
            f"{_words(guess.metric)} is estimated at {value} (95 % interval {low} to {high}; "
            f"{in_words(guess.reference, 'share')} before release; {asked}: {_asked(bar.limit)}){extra}; {_BLIND}"
        ),
        measured=guess.value,
        unit="share",
        interval=guess.interval,
        limit=bar.limit,
        evidence={"rows": guess.rows, "reference": guess.reference, "cost": cost},
        remedy="get labels for a sample of the latest predictions" if verdict is Verdict.FAIL else "",
    )


def contradicted(guess: Finding, measured: Sequence[Finding]) -> Finding:
    """An estimate that fails becomes a note where labels that stand for all predictions say that the bar holds."""
    told = next((one for one in measured if one.check == guess.check.replace("estimated_", "")), None)
    if guess.verdict is not Verdict.FAIL or told is None or told.verdict is not Verdict.PASS:
        return guess
    summary = f"{guess.summary}; the labels that came back say that it holds, and they count"
    return msgspec.structs.replace(guess, severity=Severity.NOTE, summary=summary)


def of_measurement(measured: Measurement, standing: Standing) -> Finding:
    """Measured quality. It fails when the evidence keeps the budget; the interval of one look alone does not."""
    bar = measured.bar
    verdict = Verdict.FAIL if standing.stands else bar.limit.judge(measured.value, measured.interval)
    if (not standing.stands and verdict is Verdict.FAIL) or (measured.selected and verdict is Verdict.PASS):
        verdict = Verdict.CANNOT_TELL
    value, low, high = (in_words(x, "share") for x in (measured.value, measured.interval.low, measured.interval.high))
    began = f" since {when(standing.since)}" if standing.since is not None else ""
    return Finding(
        check=f"quality.{bar.metric}",
        subject="labelled",
        verdict=verdict,
        summary=(
            f"{_words(bar.metric)}{began} is {'at best ' * measured.selected}{value} (95 % interval {low} to {high}; "
            f"{'declared' if bar.declared else 'as before release'}: {_asked(bar.limit)}); {_basis(measured)}"
        ),
        measured=measured.value,
        unit="share",
        interval=measured.interval,
        limit=bar.limit,
        severity=Severity.BLOCKER if bar.declared else Severity.WARNING,
        evidence={
            **standing.evidence(measured.track),
            "hits": measured.hits,
            "trials": measured.trials,
            "labelled": measured.labelled,
            "predictions": measured.rows,
            "selected_by_reporters": measured.selected,
        },
        remedy="review the wrong answers; retrain with the labels that came back" if standing.stands else "",
        more_rows=_more(measured) if verdict is Verdict.CANNOT_TELL else None,
    )


def _more(measured: Measurement) -> int | None:
    """How many more labels would decide; unknown for F1, and while reporters choose what is labelled."""
    if measured.selected or measured.bar.metric == "f1":
        return None
    return rows_to_decide(measured.hits, measured.trials, measured.bar.limit)


def _basis(measured: Measurement) -> str:
    labels = f"labels came for {measured.labelled:,} of {plural(measured.rows, 'prediction')}"
    if measured.selected:
        return f"{labels}, chosen by whoever reports, so unreported predictions count as right"
    return labels


def of_calibration(broken: Calibration, standing: Standing) -> Finding:
    """Whether a probability still means what it meant."""
    seen, expected = in_words(broken.seen, "share"), in_words(broken.expected, "share")
    began = f" since {when(standing.since)}" if standing.since is not None else ""
    return Finding(
        check="quality.calibration",
        subject="probability",
        verdict=standing.verdict,
        summary=(
            f"probabilities no longer mean what they meant{began}: {seen} positive where {expected} were promised, "
            f"over {plural(broken.labelled, 'label')}; {broken.track.shown}"
            if standing.stands
            else f"probabilities mean what they meant ({seen} positive, {expected} promised); {broken.track.shown}"
        ),
        measured=broken.gap,
        unit="share",
        severity=Severity.WARNING if broken.gap >= _MISCALIBRATED else Severity.NOTE,
        evidence=standing.evidence(broken.track),
        remedy="recalibrate or retrain; decisions near the threshold cannot be trusted" if standing.stands else "",
    )


def of_no_labels(rows: int) -> Finding:
    """No label has come for windows that labels were due for."""
    waiting = rows > 0
    return Finding(
        check="quality.silence",
        subject="labels",
        verdict=Verdict.CANNOT_TELL if waiting else Verdict.PASS,
        summary=(
            f"no label has come back for {plural(rows, 'prediction')} whose labels are due: quality is estimated only"
            if waiting
            else "no labels are due yet"
        ),
        severity=Severity.NOTE,
        remedy="send labels as feedback, or have a sample labelled" if waiting else "",
    )


def of_silence(seconds: float, *, allowed: float, wanted: Sequence[str]) -> Finding:
    """How long ago the last prediction was. No data is an alarm, not peace."""
    silent = seconds > allowed
    facts: dict[str, Any] = {"seconds": max(0.0, seconds), "allowed_seconds": allowed}
    if silent:
        facts["wanted"] = [action for action in wanted if action == "review"]
    return Finding(
        check="quality.silence",
        subject="predictions",
        verdict=Verdict.FAIL if silent else Verdict.PASS,
        summary=(
            f"the last prediction came {ago(max(0.0, seconds))}"
            + ("; such a gap has not been seen before" if silent else "")
        ),
        measured=max(0.0, seconds),
        unit="seconds",
        limit=Limit("<=", allowed),
        evidence=facts,
        remedy="see whether the server runs and whether its prediction log is where `watch` reads it" if silent else "",
    )


def of_records(absorbed: Absorbed) -> Finding:
    """Records that could not be used."""
    unfit = absorbed.misfits + absorbed.undated + absorbed.late
    taken = len(absorbed.fresh)
    parts = [
        f"{plural(count, 'record')} {why}"
        for count, why in (
            (absorbed.misfits, "with other features than the model was released with, or without a probability"),
            (absorbed.undated, "without a usable time"),
            (absorbed.late, "too late for their window"),
        )
        if count
    ]
    return Finding(
        check="quality.records",
        subject="prediction log",
        verdict=Verdict.FAIL if unfit else Verdict.PASS,
        summary=f"{plural(taken, 'new prediction')} read" + (f"; left out: {', '.join(parts)}" if parts else ""),
        measured=float(unfit),
        unit="rows",
        severity=Severity.WARNING if absorbed.misfits else Severity.NOTE,
        evidence={
            "new": taken,
            "known": absorbed.repeated,
            "other_versions": absorbed.others,
            "other_shape": absorbed.misfits,
            "without_time": absorbed.undated,
            "too_late": absorbed.late,
            **({"wanted": ["review"]} if absorbed.misfits else {}),
        },
        remedy="see which program writes to the log, and whether all clocks agree" if unfit else "",
    )


def of_feedback(state: State, windows: Sequence[Window]) -> Finding:
    """Labels that found no prediction, and labels that contradict earlier ones."""
    corrected = sum(window.corrected for window in windows)
    labelled = sum(sum(window.label_rows) for window in windows)
    unknown = state.unknown
    return Finding(
        check="quality.feedback",
        subject="labels",
        verdict=Verdict.FAIL if unknown else Verdict.PASS,
        summary=(
            f"{plural(labelled, 'prediction')} with a label, {corrected:,} of them corrected later (the latest holds); "
            f"{plural(unknown, 'label')} for predictions never seen"
        ),
        measured=float(unknown),
        unit="labels",
        severity=Severity.NOTE,
        evidence={"labelled": labelled, "corrected": corrected, "unknown": unknown},
        remedy="see that feedback names predictions by the id that the server gave, or by their key" if unknown else "",
    )


def _asked(limit: Limit) -> str:
    return f"{limit.op} {in_words(limit.bound, 'share')}"


def _words(metric: str) -> str:
    return metric.replace("_", " ").replace("f1", "F1")
