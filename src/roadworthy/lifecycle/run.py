"""Run: the whole loop to a verdict, doing only what is not done yet."""

import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from roadworthy.bundle.certificate import CERTIFICATE, content_of, read_certificate
from roadworthy.bundle.keys import trusted_keys
from roadworthy.data.contract.files import beside_files
from roadworthy.data.places import source_files
from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.errors import BundleError, LedgerError, RoadworthyError
from roadworthy.kernel.files import locked
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.fingerprint import fingerprint, sha256_tree
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.records import Event, Measured
from roadworthy.lifecycle.findings import read_findings
from roadworthy.lifecycle.live import read_live
from roadworthy.lifecycle.project import Project
from roadworthy.lifecycle.release import release
from roadworthy.lifecycle.stage import Asked, Done, Stage, carry_out, cpu_seconds

_CHANGED = ".changed-"
_GROUND = ("kernel", "declare", "measures", "bundle")
STAGES = {
    stage.name: stage
    for stage in (
        Stage("acquire", (*_GROUND, "data", "lifecycle/acquire.py"), "roadworthy.lifecycle.acquire:make"),
        Stage("prepare", (*_GROUND, "data", "lifecycle/prepare.py"), "roadworthy.lifecycle.prepare:make"),
        Stage(
            "train",
            (
                *_GROUND,
                "features",
                "training",
                "data/errors",
                "data/repair",
                "data/quality/mislabelled.py",
                "monitoring/reference.py",
                "lifecycle/train.py",
            ),
            "roadworthy.lifecycle.train:make",
        ),
        Stage("evaluate", (*_GROUND, "evaluation", "lifecycle/evaluate.py"), "roadworthy.lifecycle.evaluate:make"),
        Stage(
            "inspect", (*_GROUND, "inspection", "serving", "lifecycle/inspect.py"), "roadworthy.lifecycle.inspect:make"
        ),
        Stage("decide", (*_GROUND, "gate", "documents", "lifecycle/decide.py"), "roadworthy.lifecycle.decide:make"),
    )
}
"""The stages in order, and the rooms whose source text each one's result depends on."""


class RunResult(Struct, frozen=True, kw_only=True):
    """What a run came to.

    Attributes:
        model: version of the bundle. metrics: on the test part, each with its interval.
        findings: of all stages. certificate, report: paths.
        stages: name to seconds, and whether it was found rather than made.
        released: whether the model is live now.
    """

    verdict: Verdict
    name: str
    model: str
    learner: str
    metrics: dict[str, Measured]
    reasons: list[str]
    findings: list[Finding]
    certificate: str
    report: str
    released: bool
    seconds: float
    cpu_seconds: float
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)


def run(project: Project, *, release_if_passed: bool = False, cause: str = "asked") -> RunResult:
    """Take the declaration to a verdict.

    Args:
        release_if_passed: move the live pointer if the gate passes.
        cause: why this run began, for the ledger (`asked`, `drift`, ...).

    Raises:
        PlaceError: if another run of the same project is going on.
        RoadworthyError: if a stage cannot be done; what was done before it is kept.
    """
    with locked(project.home / "run.lock", busy="another run of this project is going on"):
        wall, cpu, mark = time.perf_counter(), cpu_seconds(), _begin(project, cause)
        _sweep(project)
        try:
            done = _stages(project, mark)
        except BaseException as err:
            with suppress(LedgerError):  # a full disk stops the ledger too; the first reason is the one to tell
                why = err.what if isinstance(err, RoadworthyError) else repr(err)
                _event(project, "run.stopped", mark, {"why": why})
            raise
        decided = done["decide"].outputs
        passed = decided["verdict"] == Verdict.PASS
        live = read_live(project)
        is_live = bool(live and live.version == decided["bundle"])
        if passed and release_if_passed and not is_live:
            release(project, decided["bundle"], reason=cause)
            is_live = True
        result = _result(project, done, released=is_live, seconds=time.perf_counter() - wall, cpu=cpu_seconds() - cpu)
        body = {"model": result.model, "verdict": str(result.verdict), "seconds": result.seconds, "cause": cause}
        _event(project, "run.ended", mark, body)
        return result


def _sweep(project: Project) -> None:
    """Remove what killed runs left under scratch names; while we hold the lock nobody else is writing there."""
    left = [*project.home.glob("artefacts/*/.*"), *project.bundles.glob(".*")]
    for path in left:
        if path.is_dir() and not path.name.startswith(_CHANGED):
            shutil.rmtree(path)


def _stages(project: Project, run_mark: str) -> dict[str, Done]:
    done: dict[str, Done] = {}
    for name, stage in STAGES.items():
        needed = _certificate(project, done["train"].outputs["version"], run_mark) if name == "decide" else None
        done[name] = carry_out(
            project,
            stage,
            Asked(_params(project, name), _inputs(project, name, done), needed),
            before=list(done.values()),
            run=run_mark,
        )
        if name == "acquire":
            _publish(project, done[name])
    return done


def _publish(project: Project, acquired: Done) -> None:
    """Keep what was read as a version of the project's table; what loads Delta Lake is loaded only if it is new."""
    if project.ledger.pointer(f"data/{project.name}") != acquired.outputs["snapshot"]:
        resolve("roadworthy.lifecycle.versions:publish")(project, acquired.folder)


def _certificate(project: Project, version: str, run_mark: str) -> Path:
    """Where the certificate lies, or will lie: a bundle that is no longer what was trained makes way for a new copy."""
    bundle = project.bundles / version
    if bundle.is_dir() and not _intact(bundle, version):
        aside = project.bundles / f"{_CHANGED}{version[:12]}-{run_mark}"
        bundle.replace(aside)
        _event(project, "bundle.changed", run_mark, {"version": version, "set_aside": aside.name})
    return bundle / CERTIFICATE


def _intact(bundle: Path, version: str) -> bool:
    try:
        return content_of(bundle)[0] == version
    except BundleError:
        return False


def _params(project: Project, name: str) -> Any:
    """What was declared and matters to a stage."""
    said = project.declaration
    return {
        "acquire": [said.problem.target, said.problem.positive, said.problem.protected, said.data, said.features.named],
        "prepare": [said.problem.target, said.problem.positive, said.split, said.training.seed],
        "train": [said.problem, said.costs, said.features, said.training, said.require.metrics],
        "evaluate": [said.require.metrics, said.require.fairness, said.require.better_than],
        "inspect": [said.require.robustness, said.require.stress, said.deploy],
        "decide": [said],
    }[name]


def _inputs(project: Project, name: str, done: Mapping[str, Done]) -> dict[str, str]:
    """What goes in beside the declaration and the stages before."""
    match name:
        case "acquire":
            files = source_files(project.declaration, project.root, sources=project.sources)
            sources = fingerprint([(file.path, file.sha256) for file in files])
            beside = fingerprint(beside_files(project.declaration.data, project.root))
            return {"sources": sources, "beside": beside, "checks": fingerprint(list(project.checks))}
        case "evaluate":
            live = read_live(project)
            other = live and live.version != done["train"].outputs["version"]
            return {"live": live.version if live and other else ""}
        case "inspect":
            checks = project.root / "checks"
            return {"checks": sha256_tree(checks)[0] if checks.is_dir() else ""}
        case "decide":
            return {
                "waivers": fingerprint(project.ledger.every("waiver")),
                "renewed": _expired(project, done["train"].outputs["version"]),
            }
        case _:
            return {}


def _expired(project: Project, version: str) -> str:
    """Today, if the certificate that is there no longer holds; so a new one is made, once."""
    place = project.bundles / version / CERTIFICATE
    if not place.is_file():
        return ""
    try:
        certificate = read_certificate(place, trusted=trusted_keys(project.keys.trusted))
    except RoadworthyError:
        return project.clock().date().isoformat()
    return project.clock().date().isoformat() if certificate.ends <= project.clock() else ""


def _result(project: Project, done: Mapping[str, Done], *, released: bool, seconds: float, cpu: float) -> RunResult:
    decided, trained = done["decide"].outputs, done["train"].outputs
    bundle: Path = project.bundles / decided["bundle"]
    certificate = read_certificate(bundle / CERTIFICATE)
    return RunResult(
        verdict=Verdict(decided["verdict"]),
        name=project.name,
        model=decided["bundle"],
        learner=trained["learner"],
        metrics=certificate.metrics,
        reasons=decided["reasons"],
        findings=[finding for stage in done.values() for finding in read_findings(stage.folder)],
        certificate=str(bundle / CERTIFICATE),
        report=str(bundle / "report.html"),
        released=released,
        seconds=round(seconds, 3),
        cpu_seconds=round(cpu, 3),
        stages={name: {"seconds": stage.seconds, "reused": stage.reused} for name, stage in done.items()},
    )


def _begin(project: Project, cause: str) -> str:
    at = project.clock().isoformat()
    mark = fingerprint([project.name, at])[:16]
    _event(project, "run.begun", mark, {"cause": cause})
    return mark


def _event(project: Project, kind: str, mark: str, body: dict[str, Any]) -> None:
    at = project.clock().isoformat(timespec="seconds")
    project.ledger.append(Event(kind=kind, subject=project.name, at=at, body=body, run=mark))
