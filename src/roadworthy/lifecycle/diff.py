"""Diff: what differs between two certified models, and in whose favour."""

from typing import Any

from msgspec import Struct

from roadworthy.bundle.certificate import CERTIFICATE, Certificate, read_certificate
from roadworthy.lifecycle.project import Project
from roadworthy.lifecycle.release import resolve_version


class Change(Struct, frozen=True, kw_only=True):
    """One fact that differs. `apart` is true where two intervals do not touch."""

    what: str
    first: Any
    second: Any
    apart: bool = False


class Difference(Struct, frozen=True, kw_only=True):
    """Two models side by side; what is equal is left out."""

    first: str
    second: str
    inputs: list[Change]
    metrics: list[Change]
    verdicts: list[Change]


def diff(project: Project, first: str, second: str) -> Difference:
    """Compare two versions by their certificates: data, declaration, code, libraries, figures, verdicts.

    Args:
        first, second: versions, or their first letters.
    """
    a, b = (_certificate(project, version) for version in (first, second))
    return Difference(
        first=a.bundle,
        second=b.bundle,
        inputs=_changes(_inputs(a), _inputs(b)),
        metrics=_metrics(a, b),
        verdicts=_changes(_verdicts(a), _verdicts(b)),
    )


def _certificate(project: Project, version: str) -> Certificate:
    return read_certificate(project.bundles / resolve_version(project, version) / CERTIFICATE)


def _inputs(certificate: Certificate) -> dict[str, Any]:
    made_of = {
        name: getattr(certificate, name) for name in ("snapshot", "declaration", "features", "code", "threshold")
    }
    return made_of | {f"split {name}": value for name, value in certificate.split.items()} | certificate.environment


def _verdicts(certificate: Certificate) -> dict[str, str]:
    judged = {"gate": str(certificate.verdict)}
    return judged | {f"{found.check} of {found.subject}": str(found.verdict) for found in certificate.findings}


def _changes(a: dict[str, Any], b: dict[str, Any]) -> list[Change]:
    names = [*a, *(name for name in b if name not in a)]
    return [Change(what=name, first=a.get(name), second=b.get(name)) for name in names if a.get(name) != b.get(name)]


def _metrics(a: Certificate, b: Certificate) -> list[Change]:
    found = []
    for name in a.metrics:
        if name not in b.metrics or a.metrics[name].value == b.metrics[name].value:
            continue
        one, other = a.metrics[name], b.metrics[name]
        apart = bool(
            one.interval
            and other.interval
            and (one.interval.high < other.interval.low or other.interval.high < one.interval.low)
        )
        found.append(Change(what=name, first=one.value, second=other.value, apart=apart))
    return found
