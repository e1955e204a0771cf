"""Options and outcomes that all verbs share."""

from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console

from roadworthy.cli.progress import progress_for
from roadworthy.lifecycle.project import Project
from roadworthy.wiring.assembly import open_project


as_json = click.option("--json", "json_", is_flag=True, help="One JSON object for machines.")
place = click.argument("project", type=click.Path(path_type=Path), default=Path())


def open_for(start: Path, *, quiet: bool = False) -> Project:
    """The project at a path, with progress for people on the error stream."""
    return open_project(start, progress=progress_for(Console(stderr=True), quiet=quiet))


def say_json(value: Any) -> None:
    """One JSON object on one line."""
    click.echo(msgspec.json.encode(value).decode())


def page() -> Console:
    """Where output for people goes; NO_COLOR is honoured."""
    return Console(highlight=False)
