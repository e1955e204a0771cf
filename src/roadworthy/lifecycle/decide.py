"""Decide: all findings against the requirements; the certificate and the report are written beside the bundle."""

import shutil
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.bundle.certificate import CERTIFICATE, Certificate, Waiver, content_of
from roadworthy.bundle.keys import signing_key, write_public_key
from roadworthy.data.snapshot import read_snapshot
from roadworthy.declare.explain import sentence
from roadworthy.documents.facts import Facts
from roadworthy.documents.report import render_report
from roadworthy.gate.certify import Evidence, certify
from roadworthy.gate.decide import Decision, decide
from roadworthy.gate.environment import environment
from roadworthy.gate.waivers import KIND as WAIVER
from roadworthy.gate.waivers import read_waivers
from roadworthy.kernel.errors import BundleError
from roadworthy.kernel.files import appearing_folder, write_atomically
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.fingerprint import fingerprint
from roadworthy.kernel.records import Trial
from roadworthy.lifecycle.evaluate import read_evaluation
from roadworthy.lifecycle.findings import read_findings
from roadworthy.lifecycle.prepare import read_split
from roadworthy.lifecycle.project import Project
from roadworthy.lifecycle.stage import Done, Work, code_version, unplaced
from roadworthy.lifecycle.status import status

REPORT = "report.html"
FEATURE_ROOMS = ("bundle", "features")


def make(work: Work) -> dict[str, Any]:
    """Judge, sign, draw. The signed bundle appears in `bundles/<version>` once, whole."""
    project, now = work.project, work.project.clock()
    findings = gathered(work.before)
    levels = work.before["inspect"].outputs["levels"]
    decision = decide(
        findings, require=project.declaration.require, levels_run=levels, waivers=waivers_of(project), now=now
    )
    version = work.before["train"].outputs["version"]
    _trust(project)
    _publish(work, version, decision, findings)
    return {
        "verdict": str(decision.verdict),
        "reasons": decision.reasons,
        "bundle": version,
        "waived": bool(decision.waived),
    }


def _publish(work: Work, version: str, decision: Decision, findings: list[Finding]) -> None:
    """A new bundle appears with its certificate and report; one that is there gets new ones, each replaced whole."""
    final = work.project.bundles / version
    if final.is_dir():
        _draw(work, final, _certify(work, final, decision, findings))
        return
    trained = work.before["train"].folder / "bundle"
    if content_of(trained)[0] != version:
        raise BundleError(
            "the model was changed after it was trained",
            where=str(trained),
            fix=f"remove {trained.parent}, then run again; it is trained anew",
        )
    with appearing_folder(final) as scratch:
        shutil.copytree(trained, scratch, dirs_exist_ok=True)
        _draw(work, scratch, _certify(work, scratch, decision, findings))


def gathered(before: dict[str, Done] | Any) -> list[Finding]:
    """Findings of all stages before, in their order."""
    return [finding for done in before.values() for finding in read_findings(done.folder)]


def waivers_of(project: Project) -> list[Waiver]:
    """Every waiver that the ledger keeps for this problem."""
    return read_waivers(body for _, body in project.ledger.every(WAIVER))


def _certify(work: Work, final: Path, decision: Decision, findings: list[Finding]) -> Certificate:
    project, before = work.project, work.before
    declaration, data = project.declaration, before["acquire"].folder
    evidence = Evidence(
        name=project.name,
        sentence=sentence(declaration),
        snapshot=read_snapshot(data),
        split=read_split(before["prepare"].folder),
        evaluation=read_evaluation(before["evaluate"].folder),
        threshold=before["train"].outputs["threshold"],
        findings=findings,
        levels_run=before["inspect"].outputs["levels"],
        declaration=fingerprint(unplaced(declaration)),
        features=code_version(FEATURE_ROOMS),
        code=code_version(("",)),
        environment=environment(),
        review_by=declaration.problem.review_by,
        ledger_head=project.ledger.head(),
    )
    key = signing_key(project.keys.signing)
    return certify(final, evidence=evidence, decision=decision, key=key, now=project.clock())


def _draw(work: Work, final: Path, certificate: Certificate) -> None:
    """The report beside the certificate, and a copy of both in the stage's own folder."""
    trials = msgspec.json.decode((work.before["train"].folder / "trials.json").read_bytes(), type=list[Trial])
    evaluation = read_evaluation(work.before["evaluate"].folder)
    page = render_report(certificate, evaluation, trials, facts=_facts(work))
    write_atomically(final / REPORT, page.encode())
    (work.folder / REPORT).write_text(page, "utf-8")
    shutil.copy(final / CERTIFICATE, work.folder / CERTIFICATE)


def _facts(work: Work) -> Facts:
    declaration, trained = work.project.declaration, work.before["train"].outputs
    return Facts(
        problem=declaration.problem,
        costs=declaration.costs,
        snapshot=read_snapshot(work.before["acquire"].folder),
        learner=trained["learner"],
        params=trained["params"],
        stages=status(work.project),
    )


def _trust(project: Project) -> None:
    """Whoever signs here is trusted here; elsewhere the public key has to be brought."""
    key = signing_key(project.keys.signing).public
    place = project.keys.trusted / f"{key.id}.pub"
    if not place.exists():
        write_public_key(place, key)
