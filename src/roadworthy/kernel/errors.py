"""What went wrong, where, and how to fix it.

A broken model is no error: it is a `Finding`. An impossible request is.

    RoadworthyError
    ├── DeclarationError    the declaration cannot be read or contradicts itself
    ├── SourceError         raw data cannot be read at all
    ├── DataError           a table does not hold what a step needs
    ├── MeasureError        a number is not defined on these arrays
    ├── TrainingError       no model can be fitted on this
    ├── BundleError         a released model is broken, tampered with or of another format
    ├── GateError           something tries to pass the gate without its evidence
    ├── LedgerError         the record of what happened cannot be read or written
    ├── ServingError        the server cannot start or go on
    └── PlaceError          a folder, file, port or key is not usable
"""

from dataclasses import dataclass


class RoadworthyError(Exception):
    """Something we could not do.

    Args:
        what: one sentence, what is wrong.
        where: file and line, table and column, or command.
        fix: what the reader can do about it.

    >>> print(RoadworthyError("no rows", where="mails.mbox", fix="give a folder that holds mail"))
    no rows
      where: mails.mbox
      fix:   give a folder that holds mail
    """

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        super().__init__(f"{what}\n  where: {where}\n  fix:   {fix}")
        self.what, self.where, self.fix = what, where, fix


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file that a person wrote."""

    what: str
    where: str
    fix: str

    def __str__(self) -> str:
        """The problem as three indented lines."""
        return f"{self.what}\n  where: {self.where}\n  fix:   {self.fix}"


class DeclarationError(RoadworthyError):
    """The declaration cannot be read, or contradicts itself. Holds all problems, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        first = problems[0]
        super().__init__(first.what, where=first.where, fix=first.fix)
        self.problems = tuple(problems)
        self.args = ("\n".join(str(problem) for problem in problems),)


class SourceError(RoadworthyError):
    """Raw data cannot be read at all. A single bad record is a finding instead."""


class DataError(RoadworthyError):
    """A table does not hold what a step needs: a missing column, one class only, no rows."""


class MeasureError(RoadworthyError):
    """A number is not defined on these arrays: no rows, no positives, a level outside (0, 1)."""


class TrainingError(RoadworthyError):
    """No model can be fitted on this."""


class BundleError(RoadworthyError):
    """A released model is broken, tampered with, or written in a format that we do not know."""


class GateError(RoadworthyError):
    """Something tries to pass the gate without its evidence."""


class LedgerError(RoadworthyError):
    """The record of what happened cannot be read or written."""


class ServingError(RoadworthyError):
    """The server cannot start, or cannot go on."""


class PlaceError(RoadworthyError):
    """A folder, a file, a port or a key is not usable."""
