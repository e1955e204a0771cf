"""What a reader of a table should know first; needs no template."""

from collections.abc import Sequence

from msgspec import Struct

from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.portrait import TablePortrait


class Headline(Struct, frozen=True):
    """What stands at the top, in one sentence and one class."""

    words: str
    class_: str


def headline(portrait: TablePortrait) -> Headline:
    """What a reader should know first.

    >>> headline(TablePortrait(name="a.csv", kind="csv", rows=3, columns=[])).words
    'nothing to worry about'
    """
    worries = len(concerns(portrait.findings))
    if not worries and not portrait.suspected:
        return Headline("nothing to worry about", "pass")
    said = [f"{worries} {'concern' if worries == 1 else 'concerns'}"] if worries else []
    if portrait.suspected:
        cells = "cell is" if portrait.suspected == 1 else "cells are"
        said.append(f"{portrait.suspected:,} {cells} likely wrong")
    return Headline(", ".join(said), "doubt")


def concerns(findings: Sequence[Finding]) -> list[Finding]:
    """What did not pass, in the order given."""
    return [finding for finding in findings if finding.verdict is not Verdict.PASS]
