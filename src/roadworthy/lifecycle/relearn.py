"""Relearn: what production taught goes into a new run, through the same gate."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from roadworthy.declare.data import Source
from roadworthy.kernel.records import Event
from roadworthy.lifecycle.project import Project
from roadworthy.lifecycle.run import RunResult, run

LOGGED = "prediction_log"


def with_logged(project: Project) -> Project:
    """The same project with one more source: logged inputs whose truth has come back."""
    declaration = project.declaration
    if any(source.kind == LOGGED for source in declaration.data.sources):
        return project
    logged = Source(
        kind=LOGGED,
        path=str(project.logs),
        licence="our own predictions",
        consent=declaration.data.sources[0].consent,
        consent_column="",
    )
    data = msgspec.structs.replace(declaration.data, sources=(*declaration.data.sources, logged))
    changed = msgspec.structs.replace(declaration, data=data)
    return replace(project, declaration=changed)


def relearn(project: Project, *, cause: str, alarms: Sequence[str] = (), labels: int = 0) -> RunResult:
    """Train again with what was logged and labelled; the live pointer moves only if the gate passes.

    A run that was killed has begun and not ended, so that the alarm is still to be answered.

    Args:
        cause: why, for people. alarms: the alarms that this run answers to, so that none is answered twice.
        labels: how many had come back when it began.
    """
    _event(project, "relearn.begun", {"cause": cause, "alarms": list(alarms)})
    result = run(with_logged(project), release_if_passed=True, cause=cause)
    body = {"model": result.model, "verdict": str(result.verdict), "released": result.released, "labels": labels}
    _event(project, "relearn.ended", {**body, "alarms": list(alarms)})
    return result


def _event(project: Project, kind: str, body: dict[str, Any]) -> None:
    at = project.clock().isoformat(timespec="seconds")
    project.ledger.append(Event(kind=kind, subject=project.name, at=at, body=body))
