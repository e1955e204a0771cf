"""`init`, `check`, `doctor`: before there is a model."""

import importlib.util
import os
import platform
import shutil
import sys
from importlib import resources
from pathlib import Path

import click
from rich.table import Table

from roadworthy.cli.drawing import page
from roadworthy.cli.options import as_json, place, say_json
from roadworthy.declare.explain import guards, sentence
from roadworthy.declare.schema import json_schema
from roadworthy.kernel.errors import PlaceError
from roadworthy.kernel.sealed import without_secrets
from roadworthy.wiring.places import DECLARATION, find_root, read_project_declaration
from roadworthy.wiring.settings import SETTINGS, read_settings

_TEMPLATES = ("spam", "credit", "blank")
_NEEDED = (
    "numpy",
    "scipy",
    "sklearn",
    "polars",
    "onnxruntime",
    "optuna",
    "sqlalchemy",
    "uvloop",
    "httptools",
)


@click.command()
@click.option("--template", type=click.Choice(_TEMPLATES), default="blank", show_default=True)
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@as_json
def init(template: str, folder: Path, json_: bool) -> None:
    """Write a declaration to start from; an existing one is kept."""
    target = folder / DECLARATION
    if target.exists():
        raise PlaceError("there is a declaration already", where=str(target), fix="edit it, or choose another folder")
    text = resources.files("roadworthy.declare").joinpath("templates", f"{template}.toml").read_text("utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    if json_:
        say_json({"declaration": str(target)})
    else:
        click.echo(f"wrote {target}\nnext: edit it, then: roadworthy check {folder}")


@click.command()
@place
@click.option("--schema", "schema_", is_flag=True, help="Print the JSON Schema of the declaration for editors.")
@as_json
def check(project: Path, schema_: bool, json_: bool) -> None:
    """Read the declaration; say the problem in one sentence and what will guard the model."""
    if schema_:
        say_json(json_schema())
        return
    declaration = read_project_declaration(find_root(project), read_settings(os.environ))
    listed = guards(declaration)
    if json_:
        say_json({"sentence": sentence(declaration), "guards": listed})
        return
    console = page()
    console.print(sentence(declaration), style="bold")
    console.print()
    table = Table("level", "guard", "from", box=None, pad_edge=False, header_style="dim")
    for guard in listed:
        table.add_row(guard.level, guard.what, "declared" if guard.declared else f"default: {guard.why}")
    console.print(table)


@click.command()
@as_json
def doctor(json_: bool) -> None:
    """Say what this machine and environment offer."""
    settings = {setting.name: _told(setting.name, os.environ.get(setting.name)) for setting in SETTINGS}
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    free = shutil.disk_usage(Path.cwd()).free
    facts = {
        "python": platform.python_version(),
        "executable": sys.executable,
        "cpus": os.cpu_count(),
        "free_disk_gb": round(free / 1e9, 1),
        "missing_libraries": missing,
        "settings": settings,
    }
    if json_:
        say_json(facts)
        return
    console = page()
    for name in ("python", "executable", "cpus", "free_disk_gb"):
        console.print(f"{name.replace('_', ' '):16} {facts[name]}")
    console.print(f"{'libraries':16} {'all there' if not missing else 'missing: ' + ', '.join(missing)}")
    for setting in SETTINGS:
        console.print(
            f"{setting.name:20} {settings[setting.name] or f'[dim]{setting.default}[/]'}  [dim]{setting.meaning}[/]"
        )


def _told(name: str, value: str | None) -> str | None:
    """A setting as it may be printed: a token not at all, an address without its password."""
    if not value:
        return None
    return "***" if name == "ROADWORTHY_TOKEN" else without_secrets(value)
