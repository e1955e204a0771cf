"""`status`, `report`, `diff`, `explain`: what is there, and why."""

import time
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from roadworthy.cli.drawing import page
from roadworthy.cli.opening import open_for
from roadworthy.cli.options import as_json, place, say_json
from roadworthy.documents.status import life_cycle_text
from roadworthy.kernel.errors import PlaceError
from roadworthy.lifecycle.diff import diff as compare
from roadworthy.lifecycle.explain import explain as explain_prediction
from roadworthy.lifecycle.release import resolve_version
from roadworthy.lifecycle.status import status as life_cycle

_project = click.option("--project", type=click.Path(path_type=Path), default=Path(), help="The project's folder.")


@click.command()
@place
@as_json
def status(project: Path, json_: bool) -> None:
    """Draw the life cycle: what each stage holds, how fresh, what blocks."""
    stages = life_cycle(open_for(project, quiet=True))
    if json_:
        say_json(stages)
    else:
        click.echo(life_cycle_text(stages, page().width))


@click.command()
@click.argument("version", default="")
@_project
@as_json
def report(version: str, project: Path, json_: bool) -> None:
    """Say where the report of VERSION lies (of the newest run's model if none is named)."""
    opened = open_for(project, quiet=True)
    file = opened.bundles / resolve_version(opened, version) / "report.html"
    if not file.is_file():
        raise PlaceError("there is no report", where=str(file), fix="run again: roadworthy run")
    if json_:
        say_json({"report": str(file)})
    else:
        click.echo(file)


@click.command()
@click.argument("first")
@click.argument("second")
@_project
@as_json
def diff(first: str, second: str, project: Path, json_: bool) -> None:
    """Say what differs between two models, by their certificates."""
    found = compare(open_for(project, quiet=True), first, second)
    if json_:
        say_json(found)
        return
    console = page()
    for title, changes in (("made of", found.inputs), ("figures", found.metrics), ("verdicts", found.verdicts)):
        table = Table(title, found.first[:12], found.second[:12], "", box=None, pad_edge=False, header_style="bold")
        for change in changes:
            table.add_row(change.what, _short(change.first), _short(change.second), "apart" if change.apart else "")
        console.print(table)
        console.print()


@click.command()
@click.argument("prediction")
@_project
@as_json
def explain(prediction: str, project: Path, json_: bool) -> None:
    """Say why a logged PREDICTION (its id or key) came out as it did."""
    found = explain_prediction(open_for(project, quiet=True), prediction)
    if json_:
        say_json(found)
        return
    console = page()
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(found.at))
    console.print(
        f"[bold]{found.label}[/] with probability {found.probability:.4f} (threshold {found.threshold:.4f}), {when}"
    )
    console.print(f"[dim]{found.model} {found.version[:12]}, {found.key}[/]")
    if found.labels:
        console.print(f"labels that came back: {', '.join(found.labels)}")
    if found.effects:
        table = Table(
            "without", "probability", "change", "what stood there", box=None, pad_edge=False, header_style="dim"
        )
        for effect in found.effects:
            table.add_row(effect.part, f"{effect.without:.4f}", f"{effect.change:+.4f}", effect.shown)
        console.print(table)
    if found.unusual:
        table = Table("unusual feature", "value", "share of reference", box=None, pad_edge=False, header_style="dim")
        for feature in found.unusual:
            table.add_row(feature["name"], f"{feature['value']:.4g}", f"{feature['share']:.2%}")
        console.print(table)
    if found.note:
        console.print(found.note, style="yellow")


def _short(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text[:16] if len(text) == 64 else text
