"""The command `roadworthy`: where every outcome becomes an exit code."""

import errno
import os
import sys
import traceback
from typing import Any

import click
import msgspec

from roadworthy import __version__
from roadworthy.cli.verbs import Listed
from roadworthy.kernel.errors import DeclarationError, PlaceError, RoadworthyError

HOLDS, DOES_NOT_HOLD, MISUSE, FAULT, INTERRUPTED = 0, 1, 2, 70, 130
"""Exit codes: a requirement failed or could not be told is 1; misuse or broken input is 2; our own fault is 70.

Python ends with 1 where nobody catches an error, which would read as a verdict on the model.
"""


@click.group(cls=Listed, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="roadworthy", message="%(prog)s %(version)s")
def roadworthy() -> None:
    """Take a model from a problem statement to monitored production, with evidence.

    Exit codes: 0 holds, 1 a requirement failed or cannot be told, 2 misuse or broken input, 70 our own fault.
    """


def main() -> None:
    """Run the command line and turn every outcome into an exit code."""
    as_json = "--json" in sys.argv
    try:
        sys.exit(_called())
    except click.exceptions.NoArgsIsHelpError as err:
        err.show()
        sys.exit(MISUSE)
    except (click.ClickException, OSError, RoadworthyError) as err:
        tell(_explained(err), as_json=as_json)
        sys.exit(MISUSE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; what was finished is kept, and the same command goes on from there", err=True)
        sys.exit(INTERRUPTED)
    except Exception as err:  # noqa: BLE001  the last place where anything can be said about it
        traceback.print_exc()
        tell(_fault(err), as_json=as_json)
        sys.exit(FAULT)


def _called() -> int:
    try:
        code = roadworthy.main(standalone_mode=False, color=_colour())
    except click.exceptions.Exit as done:
        return done.exit_code
    return code if isinstance(code, int) else HOLDS


def _colour() -> bool | None:
    """Never where NO_COLOR is set, to which click does not listen; else wherever a person looks."""
    return False if os.environ.get("NO_COLOR") else None


def _explained(err: click.ClickException | OSError | RoadworthyError) -> RoadworthyError:
    """Every error in the one shape: what, where, fix."""
    if isinstance(err, RoadworthyError):
        return err
    if isinstance(err, click.ClickException):
        context = getattr(err, "ctx", None)
        command = context.command_path if context else "roadworthy"
        said = err.format_message().rstrip(".")
        return RoadworthyError(said[:1].lower() + said[1:], where=command, fix=f"{command} --help says what there is")
    fix = "free some space, then run this again" if err.errno == errno.ENOSPC else "name a place that you may use"
    return PlaceError((err.strerror or str(err)).lower(), where=str(err.filename or "the file system"), fix=fix)


def _fault(err: Exception) -> RoadworthyError:
    last = traceback.extract_tb(err.__traceback__)[-1]
    return RoadworthyError(
        f"roadworthy itself failed: {type(err).__name__}: {err}",
        where=f"{last.filename}:{last.lineno}",
        fix="this is a fault of ours: please report it with the lines above; what was finished before is kept",
    )


def tell(err: RoadworthyError, *, as_json: bool) -> None:
    """Print an error: every problem of a declaration, and as JSON for machines."""
    problems: list[Any] = list(err.problems) if isinstance(err, DeclarationError) else [err]
    if as_json:
        listed = [{"what": p.what, "where": p.where, "fix": p.fix} for p in problems]
        click.echo(msgspec.json.encode({"error": listed[0], "problems": listed}).decode())
        return
    for problem in problems:
        click.secho("error: ", fg="red", bold=True, err=True, nl=False, color=_colour())
        click.echo(str(problem), err=True)
