"""Options and outcomes that all verbs share."""

from pathlib import Path
from typing import Any

import click
import msgspec

as_json = click.option("--json", "json_", is_flag=True, help="One JSON object for machines.")
place = click.argument("project", type=click.Path(path_type=Path), default=Path())


def say_json(value: Any) -> None:
    """One JSON object on one line."""
    click.echo(msgspec.json.encode(value).decode())
