"""Versions of data: what each run read, and whatever tables a user keeps."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
from msgspec import Struct

from roadworthy.data.history.compare import TableDiff, compare_tables
from roadworthy.data.history.store import History
from roadworthy.data.snapshot import read_snapshot, read_table
from roadworthy.kernel.errors import PlaceError
from roadworthy.kernel.records import Snapshot
from roadworthy.lifecycle.project import Project

_POINTER = "data"


class Cleared(Struct, frozen=True, kw_only=True):
    """What clearing away removed, or would remove."""

    files: list[str]
    bytes: int
    dry: bool


def project_history(project: Project) -> History:
    """The table that holds what each run of a project read."""
    return History(project.home / "tables" / project.name)


def publish(project: Project, folder: Path) -> None:
    """Make a run's snapshot the newest version of the project's table; nothing, if it is already.

    A run that was killed in between does it again: the version is named by its content.

    Args:
        folder: of the snapshot.
    """
    snapshot = read_snapshot(folder)
    name = f"{_POINTER}/{project.name}"
    if project.ledger.pointer(name) == snapshot.id:
        return
    history = project_history(project)
    if not history.exists or history.version().id != snapshot.id:
        history.commit(
            read_table(folder),
            mode="replace",
            note="read by a run",
            lineage=_lineage(snapshot),
        )
    project.ledger.point(name, snapshot.id, reason="read by a run")


def clear_away(history: History, *, keep: int, older_than: timedelta, dry: bool) -> Cleared:
    """Remove the files that only versions before the newest `keep` need.

    Raises:
        PlaceError: if fewer than one version is to be kept.
    """
    if keep < 1:
        raise PlaceError("at least one version stays", where="--keep", fix="give a number from 1 on")
    numbers = [version.number for version in history.versions()][-keep:]
    doomed = history.clear(keep=numbers, older_than=older_than, dry=True)
    size = sum(path.stat().st_size for name in doomed if (path := history.folder / name).is_file())
    files = doomed if dry else history.clear(keep=numbers, older_than=older_than)
    return Cleared(files=files, bytes=size, dry=dry)


def compare(first: pl.DataFrame, second: pl.DataFrame, *, by: list[str]) -> TableDiff:
    """What differs. Without columns to tell rows apart, their `row_key` does; without that they are compared whole."""
    named = by or (["row_key"] if "row_key" in first.columns and "row_key" in second.columns else [])
    return compare_tables(first, second, by=named)


def _lineage(snapshot: Snapshot) -> dict[str, Any]:
    return snapshot.lineage | {"files": [{"path": one.path, "sha256": one.sha256} for one in snapshot.sources]}
