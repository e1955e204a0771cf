"""Watch: read what was logged since the last look, find what goes wrong, and act as declared."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct, field

from roadworthy.bundle.predictions import FeedbackRecord, LogPosition, LogRead, PredictionRecord, read_log
from roadworthy.kernel.errors import PlaceError
from roadworthy.kernel.files import locked
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.records import Event
from roadworthy.kernel.units import plural
from roadworthy.lifecycle.live import read_live
from roadworthy.lifecycle.project import Project
from roadworthy.lifecycle.references import reference_of
from roadworthy.lifecycle.relearn import relearn
from roadworthy.lifecycle.run import RunResult
from roadworthy.monitoring.observe import Observed, WindowLine, observe
from roadworthy.monitoring.review import ReviewItem
from roadworthy.monitoring.windows import State, read_state

_BATCH = 50_000
_MORE = 2.0


class Watched(Struct, frozen=True, kw_only=True):
    """What one look came to.

    Attributes:
        predictions, labels: records read in this look.
        windows: of the version judged, oldest first. findings: of all versions seen.
        reviews: items put into the review queue by this look. breach: whether something stands that calls for action.
        retrained: the run that this look opened, if it did.
    """

    version: str
    predictions: int
    labels: int
    windows: list[WindowLine]
    findings: list[Finding]
    reviews: list[ReviewItem]
    breach: bool
    retrained: RunResult | None = None


class _Memory(Struct, kw_only=True):
    """What is kept between two looks: how far the logs were read, and what they held. One document, replaced whole."""

    predictions: dict[str, int] = field(default_factory=dict)
    feedback: dict[str, int] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)


def watch(project: Project, *, now: float | None = None, act: bool = True) -> Watched:
    """Look once. Safe to run twice, and after a kill: what was read and what was found are kept in one write.

    Args:
        now: Unix seconds; the project's clock by default.
        act: whether to do what `[monitor] on_failure` declares.

    Raises:
        PlaceError: if nothing was ever released, or another watch is going on.
    """
    with locked(project.home / "watch.lock", busy="another watch of this project is going on"):
        live = read_live(project)
        if live is None:
            raise PlaceError("nothing is live", where=str(project.live), fix="release a model: roadworthy release")
        at = project.clock().timestamp() if now is None else now
        watched = _look(project, live.version, at)
    if act and watched.breach and "retrain" in project.declaration.monitor.on_failure:
        return _retrain(project, watched)
    return watched


def _look(project: Project, live: str, now: float) -> Watched:
    kept = project.ledger.read("watch", project.name)
    memory = msgspec.convert(kept, _Memory) if kept else _Memory()
    seen: list[Observed] = []
    state, predictions, labels = read_state(memory.state or None), 0, 0
    while True:
        said = read_log(project.logs, "predictions", position=LogPosition(offsets=memory.predictions), limit=_BATCH)
        told = read_log(project.logs, "feedback", position=LogPosition(offsets=memory.feedback), limit=_BATCH)
        records = [record for record in said.records if isinstance(record, PredictionRecord)]
        truths = [record for record in told.records if isinstance(record, FeedbackRecord)]
        seen = _observe(project, state, records, truths, live=live, now=now)
        state = seen[-1].state
        memory = _Memory(predictions=said.position.offsets, feedback=told.position.offsets, state=state.body())
        _keep(project, memory, seen)
        predictions, labels = predictions + len(records), labels + len(truths)
        if not (said.more or told.more):
            break
    findings = [*(found for one in seen for found in one.findings), *_damage(said, told)]
    watched = Watched(
        version=seen[-1].version,
        predictions=predictions,
        labels=labels,
        windows=seen[-1].windows,
        findings=findings,
        reviews=[item for one in seen for item in one.reviews],
        breach=seen[-1].breach,
    )
    _record(project, watched, now)
    return watched


def _observe(
    project: Project,
    state: State,
    records: Sequence[PredictionRecord],
    truths: Sequence[FeedbackRecord],
    *,
    live: str,
    now: float,
) -> list[Observed]:
    """One observation a version that answered since the last look; the live one comes last and is what decides."""
    said = project.declaration
    versions = [*dict.fromkeys(record.version for record in records if record.version != live), live]
    found: list[Observed] = []
    for version in versions:
        one = observe(
            reference_of(project.bundles / version),
            state,
            [record for record in records if record.version == version],
            truths if version == versions[0] else [],
            plan=said.monitor,
            costs=said.costs,
            positive=said.problem.positive,
            now=now,
            declared=said.require.metrics,
            version=version,
        )
        state = one.state
        found.append(one)
    return found


def _keep(project: Project, memory: _Memory, seen: Sequence[Observed]) -> None:
    """Review items first: if we are killed in between, they are found again and replaced, not lost."""
    for one in seen:
        for item in one.reviews:
            if project.ledger.read("review", item.id) is None:
                project.ledger.keep("review", item.id, {"state": "open", **msgspec.to_builtins(item)})
    project.ledger.keep("watch", project.name, msgspec.to_builtins(memory))


def _record(project: Project, watched: Watched, now: float) -> None:
    breaches = [
        finding.summary
        for finding in watched.findings
        if finding.verdict is Verdict.FAIL and finding.severity is not Severity.NOTE
    ]
    body = {
        "now": now,
        "version": watched.version,
        "windows": len(watched.windows),
        "predictions": watched.predictions,
        "labels": watched.labels,
        "reviews": len(watched.reviews),
        "breaches": breaches,
    }
    at = project.clock().isoformat(timespec="seconds")
    project.ledger.append(Event(kind="watch.looked", subject=project.name, at=at, body=body))


def _damage(said: LogRead, told: LogRead) -> list[Finding]:
    """What could not be read of the logs. A torn tail is what a kill leaves; damage in the middle is not."""
    found = []
    for read, noun in ((said, "predictions"), (told, "feedback")):
        for name, count in read.damaged.items():
            found.append(
                Finding(
                    check="quality.log",
                    subject=name,
                    verdict=Verdict.FAIL,
                    measured=float(count),
                    unit="bytes",
                    summary=f"{plural(count, 'byte')} of the {noun} log {name} are damaged and were passed over",
                    remedy="look at the disk; nothing but the server should write into this folder",
                )
            )
    return found


def _retrain(project: Project, watched: Watched) -> Watched:
    """Open a retraining run: once for an alarm, and again if the gate refused and far more is known now."""
    alarms, labels = _alarms(watched), _labels(project)
    answered = project.ledger.events(kind="relearn.ended", subject=project.name)
    known = {alarm for event in answered for alarm in event.body["alarms"]}
    if not set(alarms) - known and not _worth_another_try(project, labels):
        return watched
    checks = ", ".join(dict.fromkeys(alarm.split("|")[1] for alarm in alarms))
    after = relearn(project, cause=f"watch: {checks}", alarms=alarms, labels=labels)
    return msgspec.structs.replace(watched, retrained=after)


def _alarms(watched: Watched) -> list[str]:
    """Names of the alarms that stand and ask for a retraining."""
    return [
        f"{watched.version}|{finding.check}|{finding.subject}|{finding.evidence['since']}"
        for finding in watched.findings
        if finding.verdict is Verdict.FAIL
        and "retrain" in finding.evidence.get("wanted", ())
        and finding.evidence.get("since") is not None
    ]


def _labels(project: Project) -> int:
    """How many labels have come back in all."""
    return sum(look.body["labels"] for look in project.ledger.events(kind="watch.looked", subject=project.name))


def _worth_another_try(project: Project, labels: int) -> bool:
    """Whether the gate refused the newest successor, and twice as many labels have come back by now."""
    ended = project.ledger.events(kind="relearn.ended", subject=project.name, last=1)
    return bool(ended and not ended[-1].body["released"] and labels >= _MORE * ended[-1].body["labels"])
