"""Status: which stage holds what, how fresh, and what blocks."""

from datetime import datetime

import msgspec

from roadworthy.bundle.certificate import CERTIFICATE, read_certificate
from roadworthy.bundle.keys import trusted_keys
from roadworthy.documents.status import StageState, State
from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.records import Step
from roadworthy.kernel.units import plural
from roadworthy.lifecycle.live import read_live
from roadworthy.lifecycle.project import Project
from roadworthy.lifecycle.release import newest_model

_HOLDS = {
    "acquire": "{rows:,} records",
    "prepare": "{train:,} to learn, {test:,} to test",
    "train": "{learner}, {trials} trials",
    "evaluate": "{rows:,} rows measured",
    "inspect": "{levels}",
    "decide": "{verdict}",
}


def status(project: Project) -> list[StageState]:
    """The life cycle, one state a stage, in the order of the loop."""
    newest = {step.name: step for step in project.ledger.steps()}
    framed = StageState(name="frame", state="done", holds=project.declaration.problem.unit, age_seconds=None, blocks="")
    stages = [framed, *(_stage(project, name, newest.get(name)) for name in _HOLDS)]
    return [*stages, _serving(project), _watching(project)]


def _stage(project: Project, name: str, step: Step | None) -> StageState:
    if step is None:
        shown = "gate" if name == "decide" else name
        return StageState(name=shown, state="empty", blocks="not done yet: roadworthy run")
    outputs = msgspec.to_builtins(step.outputs)
    if name == "inspect":
        outputs["levels"] = ", ".join(outputs["levels"])
    if name == "train":
        outputs["learner"] = str(outputs["learner"]).replace("_", " ")
    blocks = "; ".join(outputs["reasons"][:2]) if name == "decide" and outputs["verdict"] != "pass" else ""
    state: State = "blocked" if blocks else "done"
    return StageState(
        name="gate" if name == "decide" else name,
        state=state,
        holds=_HOLDS[name].format(**outputs),
        age_seconds=_age(project, step.at),
        blocks=blocks,
    )


def _serving(project: Project) -> StageState:
    try:
        live = read_live(project)
        trusted = trusted_keys(project.keys.trusted)
        certificate = read_certificate(live.folder / CERTIFICATE, trusted=trusted) if live else None
    except RoadworthyError as err:
        return StageState(name="serve", state="blocked", blocks=f"{err.what}: {err.where}")
    if live is None or certificate is None:
        newest = newest_model(project)
        why = "nothing was released: roadworthy release" if newest else "there is no model yet"
        return StageState(name="serve", state="empty", holds="", age_seconds=None, blocks=why)
    expired = certificate.ends <= project.clock()
    moves = project.ledger.history(f"live/{project.name}")
    return StageState(
        name="serve",
        state="blocked" if expired else "done",
        holds=f"{live.version[:12]} live" + (" by waiver" if certificate.by_waiver else ""),
        age_seconds=_age(project, moves[-1].at) if moves else None,
        blocks=f"the certificate expired on {certificate.ends.date()}" if expired else "",
    )


def _watching(project: Project) -> StageState:
    looks = project.ledger.events(kind="watch.looked", subject=project.name, last=1)
    if not looks:
        return StageState(
            name="watch", state="empty", holds="", age_seconds=None, blocks="nobody has looked: roadworthy watch"
        )
    look = looks[-1]
    waiting = sum(1 for _, item in project.ledger.every("review") if item.get("state") == "open")
    breaches = look.body.get("breaches", [])
    return StageState(
        name="watch",
        state="blocked" if breaches else "done",
        holds=f"{plural(look.body['windows'], 'window')}, {plural(waiting, 'item')} to review",
        age_seconds=_age(project, look.at),
        blocks="; ".join(breaches[:2]),
    )


def _age(project: Project, at: str) -> float:
    return max(0.0, (project.clock() - datetime.fromisoformat(at)).total_seconds())
