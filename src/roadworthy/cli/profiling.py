"""`data profile`, `data check`, `data sheet`: whatever lies there, at first sight."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from roadworthy.cli.drawing import page
from roadworthy.cli.main import DOES_NOT_HOLD, HOLDS
from roadworthy.cli.options import as_json, say_json
from roadworthy.cli.portraying import draw_concerns, draw_portrait
from roadworthy.cli.reading import reading
from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.files import write_atomically
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.portrait import TablePortrait
from roadworthy.lifecycle.portrait import Looked, look_at
from roadworthy.lifecycle.sheet import write_sheets
from roadworthy.wiring.reading import declared_in, raw_files

_place = click.argument("place")
_kind = click.option("--as", "kind", default=None, help="What to read it as; recognised by its content otherwise.")
_options = click.option("--option", "given", multiple=True, metavar="NAME=VALUE", help="An option of that source.")


@click.command()
@_place
@_kind
@_options
@click.option("--html", type=click.Path(path_type=Path), help="Write a page to look at into this file.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the profile, small and mergeable, into this file.")
@as_json
def profile(
    place: str, kind: str | None, given: tuple[str, ...], html: Path | None, save: Path | None, json_: bool
) -> None:
    """Look at PLACE: a file, a folder, an address, a table or a version of one such as orders@3."""
    looked = _looked(place, kind, given, quiet=json_)
    if html is not None:
        render: Callable[[TablePortrait], str] = resolve("roadworthy.documents.portrait:render_portrait")
        write_atomically(html, render(looked.portrait).encode())
    if save is not None:
        write_atomically(save, looked.profile.to_bytes())
    if json_:
        say_json(looked.portrait)
        return
    draw_portrait(page(), looked.portrait)
    for what, where in (("page", html), ("profile", save)):
        if where is not None:
            click.echo(f"{what}: {where}", err=True)


@click.command()
@_place
@_kind
@_options
@as_json
def check(place: str, kind: str | None, given: tuple[str, ...], json_: bool) -> int:
    """Look for what is wrong in PLACE; exit code 1 if anything weighs more than a note."""
    looked = _looked(place, kind, given, quiet=json_)
    if json_:
        say_json({"findings": looked.portrait.findings, "suspected": looked.portrait.suspected})
    else:
        draw_concerns(page(), looked.portrait, every=True)
    return DOES_NOT_HOLD if any(_weighs(one) for one in looked.portrait.findings) else HOLDS


@click.command()
@_place
@_kind
@_options
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="A folder for the files.")
@as_json
def sheet(place: str, kind: str | None, given: tuple[str, ...], out: Path, json_: bool) -> None:
    """Write a datasheet, a Croissant record and the rows of PLACE (a file, a table, or a project's folder)."""
    looked = _looked(place, kind, given, quiet=json_)
    written = write_sheets(
        looked, out, declaration=declared_in(Path(place)), raw=raw_files(Path(place)), at=datetime.now(UTC)
    )
    if json_:
        say_json(written)
        return
    for file in (written.datasheet, written.croissant, written.table):
        click.echo(file)


def _looked(place: str, kind: str | None, given: tuple[str, ...], *, quiet: bool) -> Looked:
    return look_at(reading(quiet=quiet), place, kind=kind, options=_read_options(given))


def _read_options(given: tuple[str, ...]) -> dict[str, Any]:
    """`NAME=VALUE` pairs; a value is JSON where it can be, else text."""
    found: dict[str, Any] = {}
    for pair in given:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise RoadworthyError(
                f"{pair!r} is no option of a source", where="--option", fix="write NAME=VALUE, such as separator=;"
            )
        found[name] = _value(value)
    return found


def _value(text: str) -> Any:
    plain = {"true": True, "false": False}
    if text.lower() in plain:
        return plain[text.lower()]
    if text.startswith("["):
        return [part.strip() for part in text.strip("[]").split(",")]
    return text


def _weighs(finding: Finding) -> bool:
    return finding.verdict is Verdict.FAIL and finding.severity is not Severity.NOTE
