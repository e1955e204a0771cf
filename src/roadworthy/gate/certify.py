"""The certificate is written: for a model that passes, and for one that does not, so that it can be read why."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct, field

from roadworthy.bundle.certificate import Certificate, Waiver, content_of, write_certificate
from roadworthy.bundle.keys import SigningKey
from roadworthy.gate.decide import Decision
from roadworthy.kernel.errors import GateError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.records import Evaluation, Snapshot, Split

LIFE = timedelta(days=365)
"""How long a certificate holds where the declaration names no `review_by`: a car, too, is inspected every year."""


class Evidence(Struct, frozen=True, kw_only=True):
    """All that a certificate rests on.

    Attributes:
        name: of the problem; `sentence` says in plain words what the model is for.
        levels_run: test levels that were run to their end.
        declaration, features, code: fingerprints of what was declared, of the feature steps, of our own code.
        environment: what `gate.environment` says of this machine.
        review_by: the declared end, if there is one.
        ledger_head: hash of the newest event.
    """

    name: str
    sentence: str
    snapshot: Snapshot
    split: Split
    evaluation: Evaluation
    threshold: float
    findings: list[Finding]
    levels_run: list[str]
    declaration: str
    features: str
    code: str
    environment: dict[str, str] = field(default_factory=dict)
    review_by: date | None = None
    ledger_head: str = ""


def certify(bundle: Path, *, evidence: Evidence, decision: Decision, key: SigningKey, now: datetime) -> Certificate:
    """Sign what was found about a bundle, and write it to `<bundle>/certificate.json`.

    Args:
        bundle: the folder of the bundle, complete; only certificate and report may still be written into it.
        evidence: what was measured, on what, with what.
        decision: of the gate over the same findings.
        key: of the one who vouches.
        now: the present moment, with its time zone.

    Raises:
        GateError: if the declared `review_by` is over, or the evidence cannot be written down.
        BundleError: if the bundle holds what is no plain file.
    """
    expires = _expiry(evidence.review_by, now)
    content, files = content_of(bundle)
    split = evidence.split
    certificate = Certificate(
        name=evidence.name,
        sentence=evidence.sentence,
        bundle=content,
        files=files,
        verdict=decision.verdict,
        reasons=decision.reasons,
        more_rows=decision.more_rows,
        required=decision.required,
        levels=list(evidence.levels_run),
        missing=decision.missing,
        findings=_as_decided(evidence.findings, decision),
        waivers=_distinct(decision),
        snapshot=evidence.snapshot.id,
        split={"method": split.method, "cut": split.cut, "train": len(split.train), "test": len(split.test)},
        declaration=evidence.declaration,
        features=evidence.features,
        code=evidence.code,
        environment=evidence.environment,
        metrics=evidence.evaluation.metrics,
        threshold=evidence.threshold,
        issued=now.isoformat(),
        expires=expires.isoformat(),
        ledger_head=evidence.ledger_head,
    )
    write_certificate(bundle, certificate, key=key)
    return msgspec.structs.replace(certificate, key=key.public.id)


def _expiry(review_by: date | None, now: datetime) -> datetime:
    if review_by is None:
        return now + LIFE
    end = datetime.combine(review_by + timedelta(days=1), time(), UTC)
    if end <= now:
        raise GateError(
            f"the model was to be reviewed by {review_by}, and that is over",
            where="[problem] review_by",
            fix="review the problem, then declare the next date",
        )
    return end


def _distinct(decision: Decision) -> list[Waiver]:
    used: list[Waiver] = []
    for pair in decision.waived:
        if pair.waiver not in used:
            used.append(pair.waiver)
    return used


def _as_decided(findings: list[Finding], decision: Decision) -> list[Finding]:
    """The findings with the severity that the gate gave them: what it held to block is written down as a blocker."""
    held = [*decision.failing, *decision.doubtful, *(pair.finding for pair in decision.waived)]
    return [
        msgspec.structs.replace(finding, severity=Severity.BLOCKER) if finding in held else finding
        for finding in findings
    ]
