"""A table at first sight, in the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from roadworthy.documents.first_sight import concerns, headline
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.portrait import ColumnPortrait, DimensionScore, Suspect, TablePortrait
from roadworthy.kernel.units import plural

_STEPS = " ▁▂▃▄▅▆▇█"
_WIDTH = 24
_CONCERNS = 15
_SUSPECTS = 10
_COLUMNS = 60
_ROOM = 110


def draw_portrait(console: Console, portrait: TablePortrait) -> None:
    """Size, dimensions, columns with their small histograms, what stands out, and the cells that are likely wrong."""
    colour = "green" if headline(portrait).class_ == "pass" else "yellow"
    console.print(
        f"[bold]{escape(portrait.name)}[/]: {plural(portrait.rows, 'row')}, "
        f"{plural(len(portrait.columns), 'column')} [dim]({escape(portrait.kind)})[/]; "
        f"[{colour}]{headline(portrait).words}[/]"
    )
    if portrait.scores:
        console.print("  ".join(_score(one) for one in portrait.scores))
    console.print()
    _draw_columns(console, portrait.columns)
    draw_concerns(console, portrait)
    _draw_suspects(console, portrait.suspects[:_SUSPECTS], portrait.suspected)


def spark(counts: Sequence[int], width: int = _WIDTH) -> str:
    """Counts as a row of small bars, merged to at most `width` of them.

    >>> spark([0, 1, 4, 8])
    ' ▁▄█'
    """
    if not counts:
        return ""
    size = -(-len(counts) // width)
    merged = [sum(counts[place : place + size]) for place in range(0, len(counts), size)]
    most = max(merged) or 1
    return "".join(_STEPS[0 if not count else max(1, round(count / most * 8))] for count in merged)


def _score(one: DimensionScore) -> str:
    colour = "green" if not one.breaches else "yellow"
    return f"{one.dimension} [{colour}]{one.score:.1%}[/]"


def _draw_columns(console: Console, columns: Sequence[ColumnPortrait]) -> None:
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("column", "scale", "", "middle", "distinct", "missing"):
        shown.add_column(title, no_wrap=True, overflow="ellipsis")
    for column in columns[:_COLUMNS]:
        shown.add_row(
            escape(column.name),
            column.scale,
            f"[blue]{_drawn(column)}[/]",
            escape(_middle(column)),
            f"{'' if column.exact else '~'}{column.distinct:,}",
            _absent(column),
        )
    console.print(shown)
    if len(columns) > _COLUMNS:
        console.print(f"[dim]and {len(columns) - _COLUMNS:,} more columns; --html shows them all[/]")


def _drawn(column: ColumnPortrait) -> str:
    if column.bins:
        return spark([one.rows for one in column.bins])
    alike = not column.top or column.top[0].rows < 0.02 * column.rows
    return "" if column.masked or alike else spark([one.rows for one in column.top[:12]])


def _middle(column: ColumnPortrait) -> str:
    if column.masked:
        return "(looks personal)"
    if "median" in column.numbers:
        return column.numbers["median"]
    return " ".join(column.top[0].value.split())[:28] if column.top else ""


def _absent(column: ColumnPortrait) -> str:
    if not column.missing:
        return "[dim]-[/]"
    return f"{column.missing / column.rows:.1%}"


def draw_concerns(console: Console, portrait: TablePortrait, *, every: bool = False) -> None:
    """What did not pass, worst first, and how many cells are suspected."""
    found = concerns(portrait.findings)
    if not found:
        return
    console.print("\n[bold]what stands out[/]")
    for finding in found if every else found[:_CONCERNS]:
        style = "dim" if finding.severity is Severity.NOTE else "yellow"
        console.print(f"  [{style}]•[/] {escape(finding.summary)} [dim]{finding.check}[/]")
    if len(found) > _CONCERNS and not every:
        console.print(f"  [dim]and {len(found) - _CONCERNS:,} more; --html or --json shows them all[/]")


def _draw_suspects(console: Console, suspects: Sequence[Suspect], suspected: int) -> None:
    if not suspects:
        return
    console.print(f"\n[bold]{plural(suspected, 'cell')} likely wrong[/]")
    shown = Table(box=None, pad_edge=False, header_style="dim")
    titles = ("row", "column", "value", "perhaps", "", "why")[: 6 if console.width >= _ROOM else 5]
    for title in titles:
        shown.add_column(title, no_wrap=True, overflow="ellipsis")
    for cell in suspects:
        value = "[dim]missing[/]" if cell.value is None else escape(repr(cell.value)[1:-1][:32])
        proposal = "" if cell.proposal is None else escape(cell.proposal[:32])
        more = f" [dim]+{cell.rows - 1:,}[/]" if cell.rows > 1 else ""
        reason = f"[dim]{escape(cell.reason.partition(';')[0])}[/]"
        cells = (escape(cell.row) + more, escape(cell.column), value, proposal, f"{cell.likelihood:.0%}", reason)
        shown.add_row(*cells[: len(titles)])
    console.print(shown)
