"""`waive`, `release`, `rollback`, `verify`: what moves the live pointer."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from roadworthy.bundle.certificate import verify_bundle
from roadworthy.bundle.keys import read_public_key, trusted_keys
from roadworthy.cli.opening import open_for
from roadworthy.cli.options import as_json, say_json
from roadworthy.lifecycle import release as lifecycle
from roadworthy.wiring.settings import read_settings

_project = click.option("--project", type=click.Path(path_type=Path), default=Path(), help="The project's folder.")


@click.command()
@click.argument("version", default="")
@_project
@as_json
def release(version: str, project: Path, json_: bool) -> None:
    """Put VERSION (the newest run's model if none is named) on the road; its certificate must hold."""
    _tell(lifecycle.release(open_for(project, quiet=json_), version), json_=json_)


@click.command()
@_project
@as_json
def rollback(project: Path, json_: bool) -> None:
    """Go back to the model that was live before this one."""
    _tell(lifecycle.rollback(open_for(project, quiet=json_)), json_=json_)


@click.command()
@click.argument("check")
@click.option("--subject", default="*", help="Whose finding: a slice, group or column; all of this check by default.")
@click.option("--person", required=True, help="Who answers for it.")
@click.option("--reason", required=True, help="Why, in at least three words.")
@click.option("--expires", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The last day it counts.")
@_project
@as_json
def waive(check: str, subject: str, person: str, reason: str, expires: datetime, project: Path, json_: bool) -> None:
    """Sign for a requirement that does not hold, such as performance.precision; run again afterwards."""
    waiver = lifecycle.waive(
        open_for(project, quiet=json_), check, subject=subject, person=person, reason=reason, expires=expires.date()
    )
    if json_:
        say_json(waiver)
    else:
        click.echo(
            f"{person} answers for {check} of {subject} until {waiver.expires}; it is signed into the next certificate"
        )


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--trust", type=click.Path(path_type=Path, exists=True), help="A .pub file; the trusted keys by default.")
@as_json
def verify(bundle: Path, trust: Path | None, json_: bool) -> None:
    """Check a bundle and its certificate offline: every byte, the signature, the verdict, the expiry."""
    settings = read_settings(os.environ)
    keys = [read_public_key(trust)] if trust else trusted_keys(settings.keys / "trusted")
    certificate = verify_bundle(bundle, trusted=keys, now=datetime.now(UTC))
    if json_:
        say_json({"bundle": certificate.bundle, "verdict": certificate.verdict, "expires": certificate.expires})
    else:
        click.echo(
            f"{certificate.name} {certificate.bundle[:12]} holds until {certificate.expires} (key {certificate.key})"
        )


def _tell(moved: lifecycle.Released, *, json_: bool) -> None:
    if json_:
        say_json(msgspec.to_builtins(moved))
        return
    before = f", was {moved.before[:12]}" if moved.before else ""
    click.echo(f"live: {moved.version[:12]}{before}; the certificate holds until {moved.expires[:10]}")
    if moved.by_waiver:
        click.secho("on the road by waiver: a person answers for what does not hold", fg="yellow")
