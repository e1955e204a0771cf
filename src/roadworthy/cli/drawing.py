"""Small pictures for the terminal."""

from rich.console import Console

from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict

_WORDS = {
    Verdict.PASS: "[bold green]pass[/]",
    Verdict.FAIL: "[bold red]fail[/]",
    Verdict.CANNOT_TELL: "[bold yellow]cannot tell[/]",
}
_COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.CANNOT_TELL: "yellow"}


def page() -> Console:
    """Where output for people goes; NO_COLOR is honoured."""
    return Console(highlight=False)


def verdict_word(verdict: Verdict) -> str:
    """The verdict in its colour, as rich markup."""
    return _WORDS[verdict]


def interval_bar(finding: Finding, width: int = 21) -> str:
    """Where the interval lies against the limit: the limit stands in the middle, the good side is green.

    >>> from roadworthy.kernel.limits import Interval, Limit
    >>> span = Interval(0.5, 0.7)
    >>> found = Finding.judged("a.b", "c", measured=0.6, limit=Limit(">=", 0.5), interval=span, summary="")
    >>> interval_bar(found, 11)
    '[green]     |─●───[/]'
    """
    if finding.limit is None or finding.measured is None:
        return ""
    low = finding.interval.low if finding.interval else finding.measured
    high = finding.interval.high if finding.interval else finding.measured
    bound = finding.limit.bound
    reach = max(abs(low - bound), abs(high - bound), 1e-12) * 1.1
    centre = width // 2

    def cell(value: float) -> int:
        return round(centre + (value - bound) / reach * centre)

    marks = [" "] * width
    for at in range(cell(low), cell(high) + 1):
        marks[at] = "─"
    marks[centre] = "|"
    marks[cell(finding.measured)] = "●"
    return f"[{_COLOURS[finding.verdict]}]{''.join(marks)}[/]"
