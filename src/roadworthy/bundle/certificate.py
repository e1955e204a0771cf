"""The certificate of a bundle: what was asked, what was found, who decided, signed.

An in-toto statement in a DSSE envelope (https://github.com/secure-systems-lab/dsse): the subject is the bundle by its
content, the predicate is the evidence. Checking one needs a public key and nothing else of ours.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from roadworthy.bundle.keys import PublicKey, SigningKey
from roadworthy.kernel.errors import BundleError, GateError
from roadworthy.kernel.files import write_atomically
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.fingerprint import canonical, fingerprint, sha256_tree
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.records import Measured

CERTIFICATE = "certificate.json"
BESIDE = frozenset({CERTIFICATE, "report.html"})
"""Files that lie in a bundle's folder and are no part of its content."""

_STATEMENT = "https://in-toto.io/Statement/v1"
_PREDICATE = "urn:roadworthy:certificate:1"
_PAYLOAD = "application/vnd.in-toto+json"
_LARGEST = 64 << 20


class Waiver(Struct, frozen=True, kw_only=True):
    """A person answers for a finding that blocks: who, why, and until when.

    Attributes:
        check: the exact name of the waived check; there is no waiver for everything.
        subject: the subject, or a glob pattern of subjects.
        expires: the last day on which it holds (UTC).
        granted: ISO time at which it was given.
    """

    person: str
    reason: str
    expires: date
    check: str
    subject: str = "*"
    granted: str = ""

    def covers(self, finding: Finding) -> bool:
        """Whether it names this finding.

        >>> from roadworthy.kernel.limits import Verdict
        >>> waiver = Waiver(person="Ada", reason="a pilot", expires=date(2030, 1, 1), check="data.age", subject="sp*")
        >>> waiver.covers(Finding(check="data.age", subject="spam", verdict=Verdict.FAIL, summary=""))
        True
        """
        named = finding.subject == self.subject or fnmatchcase(finding.subject, self.subject)
        return finding.check == self.check and named

    @property
    def ends(self) -> datetime:
        """The first moment at which it no longer holds."""
        return datetime.combine(self.expires + timedelta(days=1), time(), UTC)


class Certificate(Struct, frozen=True, kw_only=True):
    """All that is said of one bundle. Times are ISO, UTC.

    Attributes:
        name: of the problem; `sentence` says in plain words what the model is for.
        bundle: hex SHA-256 of the bundle's content; `files` has the hash of each file by relative path.
        verdict: of the gate, waivers counted.
        reasons: why, most important first. `more_rows` is how many more would decide, where that is the doubt.
        required, levels, missing: test levels asked for, done, and not done.
        findings: all of them. waivers: those that were used.
        snapshot: id of the data. split: method, cut, rows of both parts.
        declaration, features, code: fingerprints of what was declared, of the feature steps, of our own code.
        environment: Python, platform, versions of libraries.
        ledger_head: hash of the newest event when this was signed; the ledger can be held to it.
        key: id of the key that signed; filled in when a certificate is read.
    """

    name: str
    sentence: str
    bundle: str
    files: dict[str, str]
    verdict: Verdict
    reasons: list[str]
    required: list[str]
    levels: list[str]
    missing: list[str]
    findings: list[Finding]
    waivers: list[Waiver]
    snapshot: str
    split: dict[str, Any]
    declaration: str
    features: str
    code: str
    environment: dict[str, str]
    metrics: dict[str, Measured]
    threshold: float
    issued: str
    expires: str
    more_rows: int | None = None
    ledger_head: str = ""
    key: str = ""

    @property
    def by_waiver(self) -> bool:
        """Whether the model is on the road only because a person answers for it."""
        return self.verdict is Verdict.PASS and bool(self.waivers)

    @property
    def ends(self) -> datetime:
        """The first moment at which the certificate no longer holds: its own end or that of a waiver."""
        return min([datetime.fromisoformat(self.expires), *(waiver.ends for waiver in self.waivers)])

    @property
    def last_day(self) -> date:
        """The last day on which it holds, at least for a part of it."""
        return (self.ends - timedelta(microseconds=1)).date()


class _Subject(Struct, frozen=True):
    name: str
    digest: dict[str, str]


class _Statement(Struct, frozen=True, kw_only=True, rename={"type_": "_type", "predicate_type": "predicateType"}):
    type_: str
    subject: list[_Subject]
    predicate_type: str
    predicate: msgspec.Raw


class _Signature(Struct, frozen=True):
    keyid: str
    sig: str


class _Envelope(Struct, frozen=True, rename={"payload_type": "payloadType"}):
    payload: str
    payload_type: str
    signatures: list[_Signature] = field(default_factory=list)


def write_certificate(folder: Path, certificate: Certificate, *, key: SigningKey) -> Path:
    """Sign and write `certificate.json` into a bundle's folder; return its path.

    Raises:
        GateError: if the certificate holds what JSON cannot carry (nan in an interval), or speaks of another bundle.
    """
    unsigned = msgspec.structs.replace(certificate, key="")
    if content_of(folder) != (certificate.bundle, certificate.files):
        raise GateError(
            "the certificate speaks of another bundle", where=str(folder), fix="certify the bundle as it lies there"
        )
    payload = canonical(
        _Statement(
            type_=_STATEMENT,
            subject=[_Subject(certificate.name, {"sha256": certificate.bundle})],
            predicate_type=_PREDICATE,
            predicate=msgspec.Raw(canonical(unsigned)),
        )
    )
    try:
        msgspec.json.decode(canonical(unsigned), type=Certificate)
    except msgspec.ValidationError as err:
        raise GateError(
            f"the evidence holds a number that is none (nan or infinity): {err}",
            where=str(folder),
            fix="a check must leave out an interval that it cannot compute",
        ) from err
    signature = _Signature(key.public.id, base64.b64encode(key.sign(_to_sign(_PAYLOAD, payload))).decode())
    envelope = _Envelope(base64.b64encode(payload).decode(), _PAYLOAD, [signature])
    path = folder / CERTIFICATE
    write_atomically(path, canonical(envelope))
    return path


def read_certificate(path: Path, *, trusted: Sequence[PublicKey] | None = None) -> Certificate:
    """Read a certificate; with `trusted` keys, check its signature first.

    Without keys nothing is proven: good for showing a certificate, never for trusting one.

    Raises:
        GateError: if there is none, or nobody we trust signed it.
        BundleError: if it was changed after signing, or is of a format that we do not know.
    """
    envelope = _read_envelope(path)
    payload = _decoded(envelope.payload, path)
    signed = envelope.signatures[0]
    if trusted is not None:
        key = next((key for key in trusted if key.id == signed.keyid), None)
        if key is None:
            raise GateError(
                f"nobody we trust signed this certificate (key {signed.keyid[:64]})",
                where=str(path),
                fix="put the signer's .pub file into the folder of trusted keys, if you trust them",
            )
        if not key.accepts(_decoded(signed.sig, path), _to_sign(envelope.payload_type, payload)):
            raise _changed(path)
    return msgspec.structs.replace(_certificate(payload, path), key=signed.keyid)


def verify_bundle(folder: Path, *, trusted: Sequence[PublicKey], now: datetime) -> Certificate:
    """The certificate of a bundle, if the bundle may go on the road now; otherwise an error that says why not.

    Every byte is read: the signature, then each file against its signed hash, then verdict, waivers and dates.

    Args:
        folder: of the bundle, with `certificate.json` in it.
        trusted: public keys whose word counts.
        now: the present moment, with its time zone.

    Raises:
        BundleError: bundle or certificate were changed, or belong to different bundles.
        GateError: no certificate, an unknown signer, a verdict that does not pass, an expiry that is over.
    """
    certificate = read_certificate(folder / CERTIFICATE, trusted=trusted)
    _same_content(folder, certificate)
    _may_pass(folder, certificate, now)
    return certificate


def content_of(folder: Path) -> tuple[str, dict[str, str]]:
    """The content id of a bundle and the hash of each of its files; certificate and report are left out.

    Raises:
        BundleError: if something in it is no plain file; a link could change what it leads to.
    """
    beside = BESIDE | {path.name for path in folder.iterdir() if _unfinished(path.name)}
    for path in folder.rglob("*"):
        if path.relative_to(folder).as_posix() in beside:
            continue
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise BundleError(
                "a bundle holds plain files only, and this is none", where=str(path), fix="put the file itself there"
            )
    return sha256_tree(folder, leave_out=beside)


def _unfinished(name: str) -> bool:
    """Whether a file is what a killed process left of writing certificate or report; nothing ever reads it."""
    return any(name.startswith(f".{finished}.") for finished in BESIDE)


def unanswered(findings: Sequence[Finding], waivers: Sequence[Waiver]) -> list[Finding]:
    """Findings that block and that no waiver names."""
    return [finding for finding in findings if finding.blocks and not any(waiver.covers(finding) for waiver in waivers)]


def _same_content(folder: Path, certificate: Certificate) -> None:
    content, files = content_of(folder)
    if fingerprint(certificate.files) != certificate.bundle:
        raise _changed(folder / CERTIFICATE)
    if content == certificate.bundle:
        return
    if not set(files.items()) & set(certificate.files.items()):
        raise BundleError(
            "the certificate belongs to another bundle",
            where=str(folder),
            fix="put the certificate back beside the bundle it was made for",
        )
    names = sorted(set(files) | set(certificate.files))
    differing = [name for name in names if files.get(name) != certificate.files.get(name)]
    more = f" and {len(differing) - 3} more" if len(differing) > 3 else ""
    raise BundleError(
        f"the bundle was changed after it was certified: {', '.join(differing[:3])}{more}",
        where=str(folder / differing[0]),
        fix="restore the bundle, or certify the changed one (`roadworthy run`)",
    )


def _may_pass(folder: Path, certificate: Certificate, now: datetime) -> None:
    where = str(folder / CERTIFICATE)
    if certificate.verdict is not Verdict.PASS or certificate.missing:
        because = certificate.reasons[0] if certificate.reasons else f"missing: {', '.join(certificate.missing)}"
        raise GateError(
            f"this model did not pass the gate (verdict: {certificate.verdict}): {because}",
            where=where,
            fix="improve the model or the data, or waive the named finding with a reason and an expiry",
        )
    left = unanswered(certificate.findings, certificate.waivers)
    if left:
        raise GateError(
            f"the certificate says pass, but {left[0].check} of {left[0].subject} says {left[0].verdict}",
            where=where,
            fix="certify the bundle again; do not trust this one",
        )
    over = [waiver for waiver in certificate.waivers if now >= waiver.ends]
    if over:
        raise GateError(
            f"the waiver of {over[0].check} by {over[0].person} ended on {over[0].expires}",
            where=where,
            fix="mend what was waived, or let a person waive it anew, then certify again",
        )
    if now >= datetime.fromisoformat(certificate.expires):
        raise GateError(
            f"the certificate expired on {certificate.expires[:10]}",
            where=where,
            fix="inspect the model again (`roadworthy run`), as a car is inspected every year",
        )


def _read_envelope(path: Path) -> _Envelope:
    try:
        if path.stat().st_size > _LARGEST:
            raise _changed(path)
        raw = path.read_bytes()
    except FileNotFoundError:
        raise GateError(
            "this model has no certificate", where=str(path), fix="let it pass the gate first (`roadworthy run`)"
        ) from None
    except OSError as err:
        raise BundleError(f"the certificate cannot be read: {err}", where=str(path), fix="restore it") from err
    try:
        envelope = msgspec.json.decode(raw, type=_Envelope)
    except msgspec.MsgspecError as err:
        raise _changed(path) from err
    # Only one spelling is accepted, so that no byte can change unseen outside the signed part either.
    if canonical(envelope) != raw or len(envelope.signatures) != 1 or envelope.payload_type != _PAYLOAD:
        raise _changed(path)
    return envelope


def _decoded(text: str, path: Path) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as err:
        raise _changed(path) from err
    if base64.b64encode(data).decode() != text:
        raise _changed(path)
    return data


def _certificate(payload: bytes, path: Path) -> Certificate:
    try:
        statement = msgspec.json.decode(payload, type=_Statement)
        if (statement.type_, statement.predicate_type) != (_STATEMENT, _PREDICATE):
            raise BundleError(
                f"this certificate is of a format that we do not know: {statement.predicate_type}",
                where=str(path),
                fix="update roadworthy: pip install --upgrade roadworthy",
            )
        certificate = msgspec.json.decode(statement.predicate, type=Certificate)
    except (msgspec.MsgspecError, UnicodeDecodeError) as err:
        raise _changed(path) from err
    if [subject.digest for subject in statement.subject] != [{"sha256": certificate.bundle}]:
        raise _changed(path)
    return certificate


def _to_sign(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: type and content with their lengths, so that none can pose as the other."""
    return b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(payload), payload)


def _changed(path: Path) -> BundleError:
    return BundleError(
        "the certificate was changed after it was signed",
        where=str(path),
        fix="restore it, or certify the bundle again (`roadworthy run`)",
    )
