"""Reading data for a verb that needs no project."""

from rich.console import Console

from roadworthy.cli.progress import progress_for
from roadworthy.lifecycle.reading import Reading
from roadworthy.wiring.reading import open_reading


def reading(*, quiet: bool = False) -> Reading:
    """Sources and checks, with progress for people on the error stream."""
    return open_reading(progress_for(Console(stderr=True), quiet=quiet))
