"""Findings as a file beside a stage's other results."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from roadworthy.kernel.finding import Finding

_NAME = "findings.json"


def write_findings(folder: Path, findings: Iterable[Finding]) -> None:
    """Write a stage's findings into its folder."""
    (folder / _NAME).write_bytes(msgspec.json.format(msgspec.json.encode(list(findings)), indent=1))


def read_findings(folder: Path) -> list[Finding]:
    """The findings of a finished stage; none if it found nothing to say."""
    place = folder / _NAME
    return msgspec.json.decode(place.read_bytes(), type=list[Finding]) if place.is_file() else []
