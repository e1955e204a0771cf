"""A stage done once: found again when nothing that it depends on has changed, whole or not there otherwise."""

import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.errors import PlaceError
from roadworthy.kernel.files import appearing_folder
from roadworthy.kernel.fingerprint import fingerprint, sha256_tree
from roadworthy.kernel.records import Step
from roadworthy.kernel.sealed import shown
from roadworthy.lifecycle.project import Project

_PACKAGE = Path(__file__).parent.parent
_SUMMARY = "step.json"
_UNPLACED = ("line", "cache")


@dataclass(frozen=True)
class Stage:
    """What a stage is called, what code its result depends on, and who makes it.

    Attributes:
        rooms: packages and files under `roadworthy/` whose source text is part of the fingerprint.
        maker: dotted place of `make(work) -> dict` (JSON outputs); loaded only if there is something to make, so that
            a run in which nothing changed never loads a trainer.
    """

    name: str
    rooms: tuple[str, ...]
    maker: str


@dataclass(frozen=True)
class Done:
    """A stage's result: a folder of files, a few JSON outputs, and whether it was found or made."""

    name: str
    fingerprint: str
    folder: Path
    outputs: dict[str, Any]
    reused: bool
    seconds: float


@dataclass(frozen=True)
class Work:
    """What a maker gets: the project, a scratch folder to fill, a folder that survives a kill, and what was done."""

    project: Project
    folder: Path
    desk: Path
    before: Mapping[str, Done]


@dataclass(frozen=True)
class Asked:
    """What a stage's result depends on beside the stages before it.

    Attributes:
        params: what was declared and matters here; anything that msgspec can encode.
        inputs: names and content addresses of what goes in.
        needed: a file elsewhere that the maker leaves; if it is gone, the stage is done again.
    """

    params: Any
    inputs: Mapping[str, str] = field(default_factory=dict)
    needed: Path | None = None


def carry_out(project: Project, stage: Stage, asked: Asked, *, before: list[Done], run: str) -> Done:
    """Find the stage's result, or make it.

    Args:
        before: earlier stages this one reads.
        run: the run that the step is recorded under.
    """
    known = dict(asked.inputs) | {done.name: done.fingerprint for done in before}
    code = code_version(stage.rooms)
    mark = fingerprint({"stage": stage.name, "params": unplaced(asked.params), "inputs": known, "code": code})
    folder = project.home / "artefacts" / stage.name / mark[:32]
    found = _found(project, folder, mark, run)
    if found and (asked.needed is None or asked.needed.is_file()):
        return Done(stage.name, mark, folder, found.outputs, reused=True, seconds=found.seconds)
    work = Work(project, folder, _desk(project, mark), {done.name: done for done in before})
    step = _make(project, stage, work, mark, known)
    project.ledger.finish(step, run=run)
    return Done(stage.name, mark, folder, step.outputs, reused=False, seconds=step.seconds)


def _found(project: Project, folder: Path, mark: str, run: str) -> Step | None:
    """A finished step; one that a killed run finished but had no time to record is recorded now."""
    summary = folder / _SUMMARY
    if not summary.is_file():
        return None
    try:
        step = msgspec.json.decode(summary.read_bytes(), type=Step)
    except msgspec.DecodeError as err:
        raise PlaceError(
            "the result of a finished stage was damaged",
            where=str(summary),
            fix=f"remove {folder}, then run this again",
        ) from err
    if step.fingerprint != mark:
        return None
    if project.ledger.step(mark) is None:
        project.ledger.finish(step, run=run)
    return step


def _make(project: Project, stage: Stage, work: Work, mark: str, known: dict[str, str]) -> Step:
    make: Callable[[Work], dict[str, Any]] = resolve(stage.maker)
    wall, cpu = time.perf_counter(), cpu_seconds()
    with appearing_folder(work.folder) as scratch:
        outputs = make(Work(project, scratch, work.desk, work.before))
        step = Step(
            name=stage.name,
            fingerprint=mark,
            inputs=known,
            outputs=outputs,
            seconds=round(time.perf_counter() - wall, 3),
            cpu_seconds=round(cpu_seconds() - cpu, 3),
            at=project.clock().isoformat(timespec="seconds"),
        )
        (scratch / _SUMMARY).write_bytes(msgspec.json.format(msgspec.json.encode(step), indent=1))
    return step


def _desk(project: Project, mark: str) -> Path:
    desk = project.home / "unfinished" / mark[:32]
    desk.mkdir(parents=True, exist_ok=True)
    return desk


def cpu_seconds() -> float:
    """CPU seconds of this process and of its children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


@cache
def code_version(rooms: tuple[str, ...]) -> str:
    """One address for the source text of some rooms (packages or files under `roadworthy/`)."""
    files: dict[str, str] = {}
    for room in rooms:
        place = _PACKAGE / room
        listed = sha256_tree(place)[1] if place.is_dir() else {place.name: fingerprint(place.read_text("utf-8"))}
        files |= {f"{room}/{path}": mark for path, mark in listed.items() if "__pycache__" not in path}
    return fingerprint(files)


def unplaced(params: Any) -> Any:
    """The same declaration without its line numbers and places of caches: moving it must not retrain a model."""
    plain = msgspec.to_builtins(params, str_keys=True, enc_hook=shown)
    return _without(plain)


def _without(value: Any) -> Any:
    """Keys of a source alone are left out: a column may well be called `line`."""
    if isinstance(value, dict):
        out = _UNPLACED if isinstance(value.get("kind"), str) else ()
        return {name: _without(inner) for name, inner in value.items() if name not in out}
    if isinstance(value, list | tuple):
        return [_without(inner) for inner in value]
    return value
