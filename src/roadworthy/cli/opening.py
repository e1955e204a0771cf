"""Opening a project for a verb."""

from pathlib import Path

from rich.console import Console

from roadworthy.cli.progress import progress_for
from roadworthy.lifecycle.project import Project
from roadworthy.wiring.assembly import open_project


def open_for(start: Path, *, quiet: bool = False) -> Project:
    """The project at a path, with progress for people on the error stream."""
    return open_project(start, progress=progress_for(Console(stderr=True), quiet=quiet))
