"""Puts a project together: settings, declaration, ledger, catalogues."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from roadworthy.kernel.ports import Progress, Silent
from roadworthy.ledger.sql import open_ledger
from roadworthy.lifecycle.project import Project
from roadworthy.wiring.builtin import LEARNERS, QUALITY, SOURCES
from roadworthy.wiring.catalogues import catalogue
from roadworthy.wiring.places import locate
from roadworthy.wiring.settings import read_settings


def open_project(
    start: Path | str = ".",
    *,
    progress: Progress | None = None,
    environment: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Project:
    """Open the project at or above `start`.

    Args:
        progress: who is told about long work; nobody by default.
        environment: `os.environ` unless given.
        clock: UTC now unless given.

    Raises:
        DeclarationError: with every problem of the declaration.
        LedgerError, PlaceError: if the state cannot be used.
    """
    settings = read_settings(os.environ if environment is None else environment)
    places = locate(Path(start), settings)
    return Project(
        root=places.root,
        home=places.home,
        declaration=places.declaration,
        ledger=open_ledger(settings.ledger or _ledger_in(places.home)),
        keys=places.keys,
        sources=catalogue("source", SOURCES),
        learners=catalogue("learner", LEARNERS),
        checks=catalogue("quality", QUALITY),
        progress=progress or Silent(),
        clock=clock or _utc_now,
    )


def _ledger_in(home: Path) -> str:
    home.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{home / 'ledger.db'}"


def _utc_now() -> datetime:
    return datetime.now(UTC)
