"""Lists of verbs, each loaded only when it is called."""

import click

from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.nearest import did_you_mean

VERBS: dict[str, tuple[str, str]] = {
    "init": ("roadworthy.cli.declaring:init", "Write a declaration to start from."),
    "check": ("roadworthy.cli.declaring:check", "Read the declaration; say what will guard the model."),
    "data": ("roadworthy.cli.verbs:data", "Look at data, mend them, keep their versions; no project needed."),
    "run": ("roadworthy.cli.running:run", "The whole loop to a verdict."),
    "status": ("roadworthy.cli.looking:status", "The life cycle as a picture."),
    "report": ("roadworthy.cli.looking:report", "Where the report of a model lies."),
    "diff": ("roadworthy.cli.looking:diff", "What differs between two models."),
    "explain": ("roadworthy.cli.looking:explain", "Why one prediction came out as it did."),
    "waive": ("roadworthy.cli.releasing:waive", "Sign for a requirement that does not hold."),
    "release": ("roadworthy.cli.releasing:release", "Put a certified model on the road."),
    "rollback": ("roadworthy.cli.releasing:rollback", "Go back to the model before."),
    "verify": ("roadworthy.cli.releasing:verify", "Check a model's certificate offline."),
    "serve": ("roadworthy.cli.serving:serve", "Answer over HTTP with the live model."),
    "score": ("roadworthy.cli.scoring:score", "Score a file or a folder with the live model."),
    "watch": ("roadworthy.cli.watching:watch", "Read the prediction log; find what goes wrong."),
    "demo": ("roadworthy.cli.demo:demo", "The whole life of a model, in under two minutes."),
    "doctor": ("roadworthy.cli.declaring:doctor", "What this machine and environment offer."),
}
"""In the order of the life cycle."""

DATA_VERBS: dict[str, tuple[str, str]] = {
    "profile": ("roadworthy.cli.profiling:profile", "Any file at first sight: profile, scales, quality, errors."),
    "check": ("roadworthy.cli.profiling:check", "What is wrong in a file or table."),
    "repair": ("roadworthy.cli.mending:repair", "Plan repairs; with --out, make them, with a journal."),
    "undo": ("roadworthy.cli.mending:undo", "Take a repair back."),
    "contract": ("roadworthy.cli.mending:contract", "What a table keeps, frozen into a file."),
    "hold": ("roadworthy.cli.agreeing:hold", "Whether a table keeps a contract."),
    "translate": ("roadworthy.cli.agreeing:translate", "A contract in the form of Pandera, Frictionless, ODCS ..."),
    "sample": ("roadworthy.cli.agreeing:sample", "Draw cells for people to check."),
    "answers": ("roadworthy.cli.agreeing:answers", "What the checked cells say of all the others."),
    "compare": ("roadworthy.cli.comparing:compare", "How two tables, versions or profiles differ in distribution."),
    "sheet": ("roadworthy.cli.profiling:sheet", "A datasheet and a Croissant record."),
    "commit": ("roadworthy.cli.versions:commit", "Keep a file's rows as a new version of a table."),
    "log": ("roadworthy.cli.versions:log", "All versions of a table."),
    "diff": ("roadworthy.cli.versions:diff", "What differs between two tables or versions."),
    "show": ("roadworthy.cli.versions:show", "Write a version out as a file."),
    "clear": ("roadworthy.cli.versions:clear", "Remove what only old versions need."),
}
"""Verbs of `roadworthy data`."""


EVERY_VERB = VERBS | {f"data {name}": what for name, what in DATA_VERBS.items()}
"""All verbs as they are typed."""


class Listed(click.Group):
    """A group that loads a verb when it is called, and lists all without loading any."""

    listed = VERBS

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the list."""
        return list(self.listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb itself; a wrong word offers the nearest."""
        if cmd_name not in self.listed:
            raise RoadworthyError(
                f"there is no verb {cmd_name!r}", where="the command line", fix=did_you_mean(cmd_name, self.listed)
            )
        command: click.Command = resolve(self.listed[cmd_name][0])
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs for `--help`."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, what) for name, (_, what) in self.listed.items()])


class DataVerbs(Listed):
    """What `roadworthy data` can do."""

    listed = DATA_VERBS


@click.group(cls=DataVerbs)
def data() -> None:
    """Look at data, mend them, keep their versions. Any file will do; no project is needed."""
