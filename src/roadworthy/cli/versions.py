"""`data commit`, `log`, `diff`, `show`, `clear`: tables that keep every version of themselves."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from roadworthy.cli.drawing import page
from roadworthy.cli.options import as_json, say_json
from roadworthy.cli.reading import reading
from roadworthy.data.history.compare import TableDiff
from roadworthy.data.writing import demand_ending, write_table
from roadworthy.kernel.units import parse_duration, parse_size, plural
from roadworthy.lifecycle.versions import clear_away, compare

_ID = 12
_table = click.argument("table")


@click.command()
@click.argument("given")
@_table
@click.option("--replace", is_flag=True, help="Put the rows in the place of all others.")
@click.option("--transaction", default="", help="An id that the table takes once: a retry is harmless.")
@click.option("--note", default="", help="For the reader of the log.")
@as_json
def commit(given: str, table: str, replace: bool, transaction: str, note: str, json_: bool) -> None:
    """Keep the rows of GIVEN (a file, folder, table or address) as a new version of TABLE (a folder)."""
    read = reading(quiet=json_)
    rows = read.table(given)
    version = read.history(table).commit(
        rows.frame,
        mode="replace" if replace else "append",
        note=note,
        transaction=transaction,
        lineage={"from": rows.name},
    )
    if json_:
        say_json(version)
        return
    click.echo(f"{table} version {version.number}: {plural(version.total, 'row')}, id {version.id[:_ID]}")


@click.command()
@click.argument("table", default=".")
@as_json
def log(table: str, json_: bool) -> None:
    """List all versions of TABLE (a folder of a table or of a project), oldest first."""
    versions = reading(quiet=True).history(table).versions()
    if json_:
        say_json(versions)
        return
    shown = Table("version", "id", "at", "mode", "rows", "in all", "note", box=None, pad_edge=False, header_style="dim")
    for one in versions:
        said = one.note or one.transaction
        shown.add_row(str(one.number), one.id[:_ID], one.at[:19], one.mode, f"{one.rows:,}", f"{one.total:,}", said)
    page().print(shown)


@click.command()
@click.argument("first")
@click.argument("second")
@click.option("--by", multiple=True, help="A column that names rows; may be given again. Whole rows otherwise.")
@as_json
def diff(first: str, second: str, by: tuple[str, ...], json_: bool) -> int:
    """Say what differs from FIRST to SECOND: files, tables, or versions such as orders@3; exit code 1 if anything."""
    read = reading(quiet=json_)
    found = compare(read.table(first).frame, read.table(second).frame, by=list(by))
    if json_:
        say_json(found)
    else:
        _draw(found, first, second)
    return 0 if found.same else 1


@click.command()
@_table
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A .csv, .jsonl or .parquet file.")
@as_json
def show(table: str, out: Path, json_: bool) -> None:
    """Write TABLE, or a version of it such as orders@3 or orders@2026-05-04, to a file."""
    demand_ending(out)
    frame = reading(quiet=json_).table(table).frame
    write_table(frame, out)
    if json_:
        say_json({"out": str(out), "rows": frame.height, "columns": frame.columns})
    else:
        click.echo(f"{plural(frame.height, 'row')}: {out}")


@click.command()
@_table
@click.option("--keep", type=int, default=10, show_default=True, help="How many of the newest versions stay.")
@click.option("--older-than", default="7d", show_default=True, help="What was replaced less long ago stays too.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@as_json
def clear(table: str, keep: int, older_than: str, dry_run: bool, json_: bool) -> None:
    """Remove the files that only old versions of TABLE need; its log stays."""
    age = timedelta(seconds=parse_duration(older_than).seconds)
    done = clear_away(reading(quiet=True).history(table), keep=keep, older_than=age, dry=dry_run)
    if json_:
        say_json(done)
        return
    verb = "would be removed" if done.dry else "removed"
    click.echo(f"{plural(len(done.files), 'file')}, {done.bytes / parse_size('1MB'):,.1f} MB {verb}")


def _draw(found: TableDiff, first: str, second: str) -> None:
    console = page()
    if found.same:
        console.print(f"[bold green]the same[/]: {plural(found.rows[0], 'row')}, whatever their order")
        return
    how = f"rows told apart by {', '.join(found.by)}" if found.by else "whole rows compared"
    console.print(f"{first}: {plural(found.rows[0], 'row')}; {second}: {plural(found.rows[1], 'row')} [dim]({how})[/]")
    for word, names in (("new columns", found.added_columns), ("columns gone", found.removed_columns)):
        if names:
            console.print(f"{word}: {', '.join(names)}")
    for name, (before, after) in found.retyped.items():
        console.print(f"{name}: {before}, now {after}")
    console.print(f"{found.added:,} added, {found.removed:,} removed, {found.changed:,} changed")
    _draw_cells(console, found)


def _draw_cells(console: Console, found: TableDiff) -> None:
    if found.cells:
        cells = Table("column", "cells changed", box=None, pad_edge=False, header_style="dim")
        for name, count in found.cells.items():
            cells.add_row(name, f"{count:,}")
        console.print(cells)
    if found.examples:
        shown = Table("row", "column", "before", "after", box=None, pad_edge=False, header_style="dim")
        for cell in found.examples:
            shown.add_row(cell.key, cell.column, _short(cell.before), _short(cell.after))
        console.print(shown)


def _short(value: Any) -> str:
    return "missing" if value is None else str(value)[:60]
