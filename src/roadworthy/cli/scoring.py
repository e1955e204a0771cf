"""`score`: a batch through the live model."""

from pathlib import Path

import click

from roadworthy.cli.drawing import page
from roadworthy.cli.opening import open_for
from roadworthy.cli.options import as_json, say_json
from roadworthy.kernel.units import plural
from roadworthy.lifecycle.score import score as score_file

_SHOWN = 10


@click.command()
@click.argument("given", type=click.Path(path_type=Path, exists=True))
@click.option("--out", type=click.Path(path_type=Path), default=Path("scores.csv"), show_default=True)
@click.option("--project", type=click.Path(path_type=Path), default=Path(), help="The project's folder.")
@as_json
def score(given: Path, out: Path, project: Path, json_: bool) -> None:
    """Answer every record of GIVEN (file, folder or archive) with the live model, into a .csv, .jsonl or .parquet."""
    done = score_file(open_for(project, quiet=json_), given, out)
    if json_:
        say_json(done)
        return
    console = page()
    console.print(
        f"{plural(done.rows, 'record')} scored by {done.version[:12]}, {done.positive:,} positive: {done.out}"
    )
    for finding in done.findings[:_SHOWN]:
        console.print(f"  {finding.summary}", style="yellow")
    if len(done.findings) > _SHOWN:
        console.print(f"  and {len(done.findings) - _SHOWN:,} more; --json lists them all", style="yellow")
