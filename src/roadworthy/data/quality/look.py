"""What a check of quality looks at, and what it says.

A check is a callable `check(look) -> Seen`, one line in the wiring's list, or a plug-in in the group
`roadworthy.quality`. It looks, and changes nothing. It needs no declaration to be useful; what was declared makes it
stricter. On a clean table it says next to nothing: a false finding is a defect.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

import polars as pl
from msgspec import Struct, field

from roadworthy.declare.data import Data
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.ports import Progress, Silent

SUSPECTS = pl.Schema(
    {
        "row": pl.UInt32(),
        "column": pl.String(),
        "value": pl.String(),
        "check": pl.String(),
        "likelihood": pl.Float64(),
        "proposal": pl.String(),
        "reason": pl.String(),
    }
)
"""Cells that are likely wrong: row position, column, the value as text (null is missing), the check that says so, the
likelihood in [0, 1] that it is wrong, the value it should be (null where nobody can tell), and why, in a few words."""


class Look(Struct, frozen=True, kw_only=True):
    """One table, and all that is known of it.

    Attributes:
        table: typed values; text that had no type of its own may still be text.
        keys: one unique name per row (String), in the order of the table.
        scales: column to scale, see `kernel.scales`.
        texts: the cells as they were read, before typing; the same shape and order as `table` where given.
        data: what was declared of the data; empty where nothing was.
        target: the column that holds the answer, if there is one.
        used: columns that were declared as features; what is missing there matters more.
        as_of: UTC seconds that age is counted from; None for the newest record.
        folder: what relative paths of the declaration start from.
        progress: told of long work.
    """

    table: pl.DataFrame
    keys: pl.Series
    scales: Mapping[str, str]
    texts: pl.DataFrame | None = None
    data: Data = field(default_factory=lambda: Data(sources=()))
    target: str = ""
    used: tuple[str, ...] = ()
    as_of: float | None = None
    folder: str = "."
    progress: Progress = field(default_factory=Silent)

    def text(self, column: str) -> pl.Series:
        """A column as it was read, as text; null is missing. The items of a list are joined by a comma and a space."""
        frame = self.texts if self.texts is not None and column in self.texts.columns else self.table
        values = frame[column]
        if isinstance(values.dtype, pl.List):
            return values.list.eval(pl.element().cast(pl.String, strict=False)).list.join(", ")
        return values.cast(pl.String, strict=False)


class Seen(Struct, frozen=True, kw_only=True):
    """What a check says: findings with their evidence, and the cells that are likely wrong (`SUSPECTS`)."""

    findings: list[Finding] = field(default_factory=list)
    suspects: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SUSPECTS))


class Check(Protocol):
    """The shape of a check of quality."""

    def __call__(self, look: Look) -> Seen:
        """Look at a table."""


def look_with(checks: Catalogue[Check], look: Look, *, wanted: Iterable[str] | None = None) -> Seen:
    """Every check of a catalogue (or those named), one after the other; all suspects in one table, likeliest first."""
    seen = []
    look.progress.begin("look at quality", len(checks))
    for name in wanted if wanted is not None else checks:
        seen.append(checks[name](look))
        look.progress.advance(note=name)
    look.progress.end()
    suspects = pl.concat([one.suspects for one in seen]) if seen else pl.DataFrame(schema=SUSPECTS)
    return Seen(
        findings=[finding for one in seen for finding in one.findings],
        suspects=suspects.sort("likelihood", "row", "column", descending=[True, False, False]),
    )
