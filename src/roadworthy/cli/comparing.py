"""`data compare`: how far two tables lie apart in distribution."""

import click
from rich.markup import escape
from rich.table import Table

from roadworthy.cli.drawing import page
from roadworthy.cli.main import DOES_NOT_HOLD, HOLDS
from roadworthy.cli.options import as_json, say_json
from roadworthy.cli.reading import reading
from roadworthy.kernel.limits import Verdict
from roadworthy.lifecycle.comparing import Compared, compare_places
from roadworthy.measures.profile.compare import Moved

_SHOWN = 40


@click.command()
@click.argument("before")
@click.argument("after")
@as_json
def compare(before: str, after: str, json_: bool) -> int:
    """Say how the columns of AFTER differ from those of BEFORE: tables, versions, or profiles written by --save.

    Exit code 1 if a column has moved more than a tenth of its rows, or is gone.
    """
    found = compare_places(reading(quiet=json_), before, after)
    if json_:
        say_json(found)
    else:
        _draw(found)
    return DOES_NOT_HOLD if any(one.verdict is Verdict.FAIL for one in found.findings) else HOLDS


def _draw(found: Compared) -> None:
    console = page()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("column", "moved", "by chance", "KS", "PSI", "missing", "unseen"):
        table.add_column(title, no_wrap=True, overflow="ellipsis")
    for one in found.comparison.columns[:_SHOWN]:
        table.add_row(*_row(one))
    console.print(table)
    if len(found.comparison.columns) > _SHOWN:
        console.print(f"[dim]and {len(found.comparison.columns) - _SHOWN} columns that moved less[/]")
    for finding in found.findings:
        if finding.verdict is not Verdict.PASS:
            console.print(f"  [yellow]•[/] {escape(finding.summary)} [dim]{finding.check}[/]")


def _row(one: Moved) -> tuple[str, ...]:
    if one.kinds[0] != one.kinds[1]:
        return escape(one.name), f"{one.kinds[0]}, now {one.kinds[1]}", "", "", "", "", ""
    return (
        escape(one.name),
        _share(one.distance),
        _share(one.noise),
        "" if one.ks is None else f"{one.ks.value:.3f}",
        "" if one.psi is None else f"{one.psi:.3f}",
        f"{one.missing[0]:.1%} to {one.missing[1]:.1%}" if any(one.missing) else "",
        "" if one.unseen is None or not one.unseen.value else f"{one.unseen.value:.1%}",
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
