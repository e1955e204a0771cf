"""`data hold`, `data translate`, `data sample`, `data answers`: contracts at work, and cells that people check."""

from pathlib import Path

import click

from roadworthy.cli.drawing import page
from roadworthy.cli.main import DOES_NOT_HOLD, HOLDS
from roadworthy.cli.options import as_json, say_json
from roadworthy.cli.reading import reading
from roadworthy.data.quality.manual import judge_sheet
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict, parse_limit
from roadworthy.kernel.units import plural
from roadworthy.lifecycle.contract import Wanted, draw_cells, hold_against, translate_contract

_place = click.argument("place")


@click.command()
@_place
@click.argument("agreed", type=click.Path(path_type=Path))
@as_json
def hold(place: str, agreed: Path, json_: bool) -> int:
    """Hold the table at PLACE against the contract AGREED, of any form; exit code 1 if a clause fails."""
    findings = hold_against(reading(quiet=json_).table(place), agreed)
    say_json(findings) if json_ else _draw_findings(findings)
    return DOES_NOT_HOLD if any(finding.verdict is Verdict.FAIL for finding in findings) else HOLDS


@click.command()
@click.argument("agreed", type=click.Path(path_type=Path))
@click.option("--form", default="", help="pandera, frictionless, odcs or json_schema; our own where it is left out.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write.")
@as_json
def translate(agreed: Path, form: str, out: Path, json_: bool) -> None:
    """Write the contract AGREED in another form, or one of another form in ours; say what cannot be said there."""
    left = translate_contract(agreed, out, form=form)
    if json_:
        say_json({"out": str(out), "left_out": left})
        return
    click.echo(f"{form or 'contract'}: {out}")
    for line in left:
        click.echo(f"not said there: {line}")


@click.command()
@_place
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The sheet, a CSV.")
@click.option("--within", type=float, default=0.01, show_default=True, help="Wanted half-width of the interval.")
@click.option("--expected", type=float, default=0.01, show_default=True, help="Share of wrong cells you expect.")
@click.option("--column", "columns", multiple=True, help="A column to check; all by default. May be repeated.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed draws the same cells.")
@as_json
def sample(
    place: str, out: Path, within: float, expected: float, columns: tuple[str, ...], seed: int, json_: bool
) -> None:
    """Draw cells of PLACE for people to check: as many as a wanted precision takes, more from those in doubt."""
    read = reading(quiet=json_)
    wanted = Wanted(within=within, expected=expected, columns=columns, seed=seed)
    drawn = draw_cells(read.table(place), read.checks, out=out, wanted=wanted)
    if json_:
        say_json(drawn)
        return
    click.echo(f"{plural(drawn.cells, 'cell')} of {drawn.among:,}: {out}")
    click.echo("fill in the column `right` with yes, no or ?; then: roadworthy data answers " + str(out))


@click.command()
@click.argument("sheet", type=click.Path(path_type=Path))
@click.option("--limit", default="<= 1 %", show_default=True, help="What the share of wrong cells must keep.")
@as_json
def answers(sheet: Path, limit: str, json_: bool) -> int:
    """Read SHEET back: the share of wrong cells with its interval; exit code 1 unless the limit holds."""
    finding = judge_sheet(sheet, limit=parse_limit(limit))
    say_json(finding) if json_ else _draw_findings([finding])
    return HOLDS if finding.verdict is Verdict.PASS else DOES_NOT_HOLD


def _draw_findings(findings: list[Finding]) -> None:
    colours = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.CANNOT_TELL: "yellow"}
    console = page()
    for finding in findings:
        console.print(f"[{colours[finding.verdict]}]{finding.verdict}[/]", end="  ")
        console.print(finding.summary, markup=False)
