"""`demo`: a mailbox lived through, from the first model to its successor."""

import shutil
import time
from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule

from roadworthy.cli.drawing import page, verdict_word
from roadworthy.cli.main import DOES_NOT_HOLD, HOLDS
from roadworthy.cli.opening import open_for
from roadworthy.cli.options import as_json, say_json
from roadworthy.cli.running import show as show_run
from roadworthy.declare.explain import sentence
from roadworthy.documents.status import life_cycle_text
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural
from roadworthy.lifecycle.demo import WEEK, Week, lay_out, replay
from roadworthy.lifecycle.posts import Provider, from_corpus, simulated
from roadworthy.lifecycle.project import Project
from roadworthy.lifecycle.run import run
from roadworthy.lifecycle.status import status
from roadworthy.wiring.settings import data_folder

_ARCHIVE = Path("spamassassin") / "spamassassin_raw.tar.gz"
_BAR = 30


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("roadworthy-demo"), show_default=True)
@click.option("--simulated", "simulated_", is_flag=True, help="The simulated provider, even where a corpus is there.")
@click.option("--fresh", is_flag=True, help="Remove the folder of an earlier demo first.")
@as_json
def demo(folder: Path, simulated_: bool, fresh: bool, json_: bool) -> int:
    """Train, certify, serve, replay later mail, watch it go wrong, retrain, release: the whole loop, on mail."""
    begun = time.perf_counter()
    console = Console(quiet=True) if json_ else page()
    if fresh and (folder / "roadworthy.toml").is_file():
        shutil.rmtree(folder)
    provider = _provider(simulated_=simulated_)
    _chapter(console, "1", "mail arrives")
    console.print(provider.words)
    console.print(f"{len(provider.history):,} mails to learn from, {len(provider.future):,} still to come")
    lay_out(folder, provider)
    project = open_for(folder, quiet=json_)
    console.print(f"[dim]{folder / 'roadworthy.toml'} says:[/] {sentence(project.declaration)}")
    _chapter(console, "2", "a model is trained, inspected, certified")
    first = run(project, release_if_passed=True)
    show_run(first, console)
    if not first.released:
        console.print("the gate did not let it pass, so nothing is served; the report says why")
        return DOES_NOT_HOLD
    weeks = _live(project, provider, console)
    _chapter(console, "4", "where it stands now")
    console.print(life_cycle_text(status(project), console.width), markup=False, highlight=False)
    console.print(f"\n[dim]{time.perf_counter() - begun:.0f} s in all.[/] Look around: roadworthy status {folder}")
    if json_:
        say_json({"provider": provider.words, "first": first, "weeks": weeks})
    return HOLDS


def _provider(*, simulated_: bool) -> Provider:
    data = data_folder()
    if not simulated_ and data and (data / _ARCHIVE).is_file():
        return from_corpus(data / _ARCHIVE)
    return simulated()


def _live(project: Project, provider: Provider, console: Console) -> list[Week]:
    _chapter(console, "3", "on the road: the server answers, users report late or never, the watch looks once a week")
    console.print("[dim]week        mails  wrong by the hidden truth          labels   watch[/]")
    weeks = replay(project, provider.future, shown=lambda week: _show(week, provider, console))
    console.print(_sum(weeks))
    return weeks


def _show(week: Week, provider: Provider, console: Console) -> None:
    for at, words in provider.events:
        if week.start <= at < week.start + WEEK:
            console.print(f"{'':12}[dim]{words}[/]")
    bar = "█" * min(_BAR, round(week.errors * 150)) or "·"
    labels = week.reported + week.reviewed
    alarms = [
        finding
        for finding in week.watched.findings
        if finding.verdict is Verdict.FAIL
        and finding.severity is not Severity.NOTE
        and finding.evidence.get("new", True)
    ]
    colour = "red" if week.errors > 0.05 else "yellow" if week.errors > 0.03 else "green"
    day = time.strftime("%Y-%m-%d", time.gmtime(week.start))
    line = f"{day}  {week.mails:5}  [{colour}]{bar:<{_BAR}}[/] {week.errors:5.1%} {labels:6}   "
    console.print(line + (f"[bold]{len(alarms)} alarm{'s' * (len(alarms) > 1)}[/]" if alarms else "[dim]quiet[/]"))
    for finding in alarms:
        console.print(Padding(f"▲ {finding.summary}", (0, 0, 0, 12)), style="yellow")
    after = week.watched.retrained
    if after:
        live = "is live now, the server followed without a pause" if after.released else "stays off the road"
        console.print(f"{'':12}↻ retrained on what came back: {after.model[:12]} {verdict_word(after.verdict)}, {live}")


def _sum(weeks: list[Week]) -> str:
    retrained = [at for at, week in enumerate(weeks) if week.watched.retrained and week.watched.retrained.released]
    mails = sum(week.mails for week in weeks)
    text = f"{plural(mails, 'mail')} answered, {plural(len(retrained), 'successor')} released"
    if not retrained or retrained[-1] + 1 >= len(weeks):
        return text
    worst = max(week.errors for week in weeks[: retrained[-1] + 1])
    after = weeks[retrained[-1] + 1 :]
    error = sum(week.errors * week.mails for week in after) / sum(week.mails for week in after)
    return f"{text}; errors went from {worst:.1%} in the worst week to {error:.1%} after the last release"


def _chapter(console: Console, number: str, title: str) -> None:
    console.print()
    console.print(Rule(f"[bold]{number}[/]  {title}", align="left", style="dim"))
