"""`run`: the whole loop."""

from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from roadworthy.cli.drawing import interval_bar, page, verdict_word
from roadworthy.cli.main import DOES_NOT_HOLD, HOLDS
from roadworthy.cli.opening import open_for
from roadworthy.cli.options import as_json, place, say_json
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.lifecycle.run import RunResult
from roadworthy.lifecycle.run import run as run_project

_SHOWN = (
    "precision",
    "recall",
    "f1",
    "false_positive_rate",
    "auc",
    "one_minus_auc_percent",
    "accuracy",
    "error_rate",
    "cost",
)
_DECLARED = ("performance", "robustness", "fairness", "stress")
_USUAL = ("test part", "model", "bundle")
_PERCENT = {"precision", "recall", "f1", "false_positive_rate", "accuracy", "error_rate"}


@click.command()
@place
@click.option("--release", "release_", is_flag=True, help="Move the live pointer if the gate passes.")
@as_json
def run(project: Path, release_: bool, json_: bool) -> int:
    """Take the declaration of PROJECT to a verdict; what is done already is not done again."""
    result = run_project(open_for(project, quiet=json_), release_if_passed=release_)
    if json_:
        say_json(result)
    else:
        show(result, page())
    return HOLDS if result.verdict is Verdict.PASS else DOES_NOT_HOLD


def show(result: RunResult, console: Console) -> None:
    """The verdict, the requirements with their intervals, the figures, and where the report lies."""
    console.print()
    learner = result.learner.replace("_", " ")
    console.print(f"[bold]{result.name}[/]  {result.model[:12]}  [dim]{learner}[/]  {verdict_word(result.verdict)}")
    console.print()
    shown = [finding for finding in result.findings if _matters(finding)]
    if shown:
        console.print(_requirements(shown))
    quiet = [finding for finding in result.findings if finding.severity is Severity.BLOCKER and not _matters(finding)]
    levels = ", ".join(dict.fromkeys(finding.level for finding in quiet))
    console.print(f"[dim]and {len(quiet)} contracts that hold ({levels})[/]\n")
    console.print(_figures(result))
    console.print()
    for reason in result.reasons:
        console.print(Padding(f"• {reason}", (0, 0, 0, 2)), style="yellow")
    reused = [name for name, stage in result.stages.items() if stage["reused"]]
    found = f", found again: {', '.join(reused)}" if reused else ""
    console.print(f"[dim]{result.seconds:.1f} s, {result.cpu_seconds:.1f} CPU s{found}[/]")
    console.print(f"report       {result.report}", soft_wrap=True)
    console.print(f"certificate  {result.certificate}", soft_wrap=True)
    console.print("on the road  " + ("[green]yes[/]" if result.released else "no"))


def _matters(finding: Finding) -> bool:
    """A declared bar, or a blocker that does not hold."""
    declared = finding.level in _DECLARED and finding.limit is not None and finding.severity is Severity.BLOCKER
    return declared or finding.blocks


def _requirements(findings: list[Finding]) -> Table:
    table = Table("required", "", "found", "95 % interval", "", box=None, pad_edge=False, header_style="dim")
    table.columns[1].no_wrap = True
    for finding in findings:
        name = finding.check.partition(".")[2].replace("_", " ").replace(".", " ")
        subject = "" if finding.subject in _USUAL or finding.level == "stress" else f" [dim]{finding.subject}[/]"
        measured = "" if finding.measured is None else f"{finding.measured:.3g}"
        span = f"{finding.interval.low:.3g} to {finding.interval.high:.3g}" if finding.interval else ""
        table.add_row(
            f"{name} {finding.limit or ''}{subject}",
            interval_bar(finding),
            measured,
            span,
            verdict_word(finding.verdict),
        )
    return table


def _figures(result: RunResult) -> Table:
    table = Table(
        "measured on the test part", "value", "95 % interval", "rows", box=None, pad_edge=False, header_style="dim"
    )
    for name in _SHOWN:
        if name not in result.metrics:
            continue
        metric = result.metrics[name]
        factor, unit = (100, " %") if name in _PERCENT else (1, "")
        span = ""
        if metric.interval:
            span = f"{metric.interval.low * factor:.4g} to {metric.interval.high * factor:.4g}{unit}"
        table.add_row(name.replace("_", " "), f"{metric.value * factor:.4g}{unit}", span, f"{metric.rows:,}")
    return table
