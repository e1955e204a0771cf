"""`serve`: answer over HTTP with the live model. Loads no database and no trainer."""

import os
from pathlib import Path

import click

from roadworthy.bundle.keys import read_public_key, trusted_keys
from roadworthy.cli.options import place
from roadworthy.serving.limits import Limits
from roadworthy.serving.start import Address, Means
from roadworthy.serving.start import serve as serve_live
from roadworthy.wiring.places import locate
from roadworthy.wiring.settings import read_settings


@click.command()
@place
@click.option("--host", default=None, help="An address of this machine; anything but loopback needs ROADWORTHY_TOKEN.")
@click.option("--port", default=None, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--trust", type=click.Path(path_type=Path, exists=True), help="A .pub file; the trusted keys by default.")
def serve(project: Path, host: str | None, port: int | None, trust: Path | None) -> None:
    """Answer with the live model of PROJECT; a release is followed without a restart."""
    settings = read_settings(os.environ)
    places = locate(project, settings)
    online = places.declaration.deploy.online
    name = places.declaration.problem.name

    def ready(address: Address) -> None:
        click.echo(f"{name} answers on http://{address.host}:{address.port}/v2/models/{name}/infer", err=True)

    serve_live(
        places.live,
        host=host or online.host,
        port=online.port if port is None else port,
        trusted=[read_public_key(trust)] if trust else trusted_keys(places.keys.trusted),
        log_folder=places.logs,
        token=settings.token,
        keep_inputs=online.keep_inputs,
        ready=ready,
        means=Means(log_predictions=online.log_predictions, limits=Limits(max_body=online.max_body)),
    )
