"""Relearn: what production taught goes into a new run, through the same gate."""

from dataclasses import replace

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


def relearn(project: Project, *, cause: str) -> RunResult:
    """Train again with what was logged and labelled; the live pointer moves only if the gate passes."""
    at = project.clock().isoformat(timespec="seconds")
    project.ledger.append(Event(kind="relearn.begun", subject=project.name, at=at, body={"cause": cause}))
    return run(with_logged(project), release_if_passed=True, cause=cause)
