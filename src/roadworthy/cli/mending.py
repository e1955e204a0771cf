"""`data repair`, `data undo`, `data contract`: from what is wrong to what must hold."""

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from roadworthy.cli.drawing import page
from roadworthy.cli.options import as_json, say_json
from roadworthy.cli.reading import reading
from roadworthy.data.contract.infer import infer
from roadworthy.data.contract.store import write_contract
from roadworthy.data.repair.plan import Plan
from roadworthy.data.survivors import SurvivorRule
from roadworthy.kernel.units import plural
from roadworthy.lifecycle.mending import Copies, plan_repair, undo_repair
from roadworthy.lifecycle.mending import repair as mend
from roadworthy.lifecycle.portrait import look_at

_SHOWN = 48
_SURVIVORS = ("first", "newest", "most_complete")
_given = click.argument("given")
_file = click.Path(path_type=Path)


@click.command()
@_given
@click.option("--out", type=_file, help="Write the mended table here (.csv, .jsonl, .parquet), its journal beside it.")
@click.option(
    "--rule", "rules", multiple=True, help="Only this rule, such as spelling or spelling:city; may be repeated."
)
@click.option("--column", "columns", multiple=True, help="Only this column; may be repeated.")
@click.option("--least", type=click.FloatRange(0, 1), default=0.0, help="Only cells at least as likely wrong.")
@click.option("--copies", type=click.Choice(_SURVIVORS), help="Take out copies too; which one of them stays.")
@click.option(
    "--key", "keys", multiple=True, help="Copies are equal in this column; in all without it. May be repeated."
)
@click.option("--by", default="", help="The column that says which copy is the newest.")
@as_json
def repair(
    given: str,
    out: Path | None,
    rules: tuple[str, ...],
    columns: tuple[str, ...],
    least: float,
    copies: SurvivorRule | None,
    keys: tuple[str, ...],
    by: str,
    json_: bool,
) -> None:
    """Plan repairs of GIVEN and show them; nothing is changed without --out, and GIVEN itself never."""
    looked = look_at(reading(quiet=json_), given)
    taken = Copies(key=keys, rule=copies, by=by) if copies else None
    accepted = plan_repair(looked, rules=rules, columns=columns, least=least, copies=taken)
    mended = mend(looked, accepted, out) if out is not None else None
    if json_:
        say_json({"rules": accepted.rules().to_dicts(), "left": accepted.left, "mended": mended})
        return
    _draw_plan(accepted)
    if mended is None:
        if accepted.changes.height:
            click.echo("nothing was changed; --out FILE makes these repairs", err=True)
    else:
        rows = f", {plural(mended.rows, 'row')} taken out" if mended.rows else ""
        click.echo(f"{plural(mended.cells, 'cell')} changed{rows}: {mended.out}; journal: {mended.journal}")


@click.command()
@click.argument("journal", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("table", type=click.Path(path_type=Path, exists=True))
@click.option("--out", type=_file, required=True, help="Write the table as it was here.")
@as_json
def undo(journal: Path, table: Path, out: Path, json_: bool) -> None:
    """Take a repair back: from its JOURNAL and the mended TABLE to the table as it was, cell by cell."""
    before = undo_repair(journal, table, out)
    if json_:
        say_json({"out": str(out), "rows": before.height})
    else:
        click.echo(f"{plural(before.height, 'row')} as they were: {out}")


@click.command()
@_given
@click.option("--out", type=_file, default=Path("contract.toml"), show_default=True, help="Write the contract here.")
@as_json
def contract(given: str, out: Path, json_: bool) -> None:
    """Infer what the table GIVEN keeps, at a width that clean new rows will keep too, and freeze it."""
    table = reading(quiet=json_).table(given)
    found = infer(table.frame, table.scales, texts=table.texts)
    write_contract(found, out)
    if json_:
        say_json(found)
    else:
        click.echo(f"{plural(len(found.columns), 'column')}, {plural(len(found.rules), 'rule')} across columns: {out}")


def _draw_plan(accepted: Plan) -> None:
    console = page()
    if not accepted.changes.height:
        console.print("no cell is wrong for sure enough to repair it")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("rule", "cells", "likelihood", "for example", "becomes"):
        table.add_column(title, no_wrap=True, overflow="ellipsis")
    for row in accepted.rules().iter_rows(named=True):
        example, becomes = (_told(row[name]) for name in ("for example", "becomes"))
        table.add_row(row["rule"], f"{row['cells']:,}", f"{row['likelihood']:.0%}", example, becomes)
    console.print(table)
    if accepted.left:
        cells = "suspected cell is" if accepted.left == 1 else "suspected cells are"
        console.print(f"[dim]{accepted.left:,} {cells} left: nobody can tell what they should be[/]")


def _told(value: str | None) -> str:
    return "[dim]missing[/]" if value is None else escape(repr(value)[1:-1][:_SHOWN])
