"""`watch`: one look, or one look after another."""

import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from roadworthy.cli.drawing import page, verdict_word
from roadworthy.cli.main import DOES_NOT_HOLD, HOLDS
from roadworthy.cli.opening import open_for
from roadworthy.cli.options import as_json, place, say_json
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import parse_duration, plural
from roadworthy.lifecycle.watch import Watched
from roadworthy.lifecycle.watch import watch as look

_RECENT = 14


@click.command()
@place
@click.option("--every", metavar="DURATION", help="Go on looking, such as --every 5m; once by default.")
@click.option("--no-action", is_flag=True, help="Only look: open no retraining run.")
@as_json
def watch(project: Path, every: str | None, no_action: bool, json_: bool) -> int:
    """Read what PROJECT's server logged since the last look: drift, quality, review items, retraining."""
    pause = parse_duration(every).seconds if every else 0.0
    opened = open_for(project, quiet=json_)
    while True:
        watched = look(opened, act=not no_action)
        if json_:
            say_json(watched)
        else:
            show(watched, page())
        if not every:
            return DOES_NOT_HOLD if watched.breach else HOLDS
        time.sleep(pause)


def show(watched: Watched, console: Console) -> None:
    """The recent windows, what was found, and what was done about it."""
    console.print(
        f"read {plural(watched.predictions, 'prediction')} and {plural(watched.labels, 'label')}; "
        f"model {watched.version[:12]}, {plural(len(watched.windows), 'window')}"
    )
    if watched.windows:
        console.print(_windows(watched))
    for finding in watched.findings:
        if finding.verdict is Verdict.PASS or finding.severity is Severity.NOTE:
            continue
        console.print(f"  {verdict_word(finding.verdict)}  {finding.summary}")
        if finding.remedy:
            console.print(f"        [dim]{finding.remedy}[/]")
    if watched.reviews:
        console.print(f"{plural(len(watched.reviews), 'new item')} in the review queue")
    if watched.retrained:
        after = watched.retrained
        console.print(
            f"retrained: {after.model[:12]} {verdict_word(after.verdict)}" + (", live now" if after.released else "")
        )


def _windows(watched: Watched) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("window", "rows", "positive", "labelled", "estimated error", "measured error"):
        table.add_column(title, justify="left" if title == "window" else "right")
    for line in watched.windows[-_RECENT:]:
        start = time.strftime("%Y-%m-%d %H:%M", time.gmtime(line.start))
        estimated, measured = line.estimated.get("error_rate"), line.measured.get("error_rate")
        table.add_row(
            start + ("" if line.whole else " …"),
            f"{line.rows:,}",
            f"{line.said_positive:.1%}",
            f"{line.labelled:,}",
            "" if estimated is None else f"{estimated:.2%}",
            "" if measured is None else f"{measured:.2%}",
        )
    return table
