"""How many of the changes are right: a sample for a person to judge, and what follows from the answers."""

import numpy as np
import polars as pl
from msgspec import Struct

from roadworthy.kernel.errors import DataError
from roadworthy.kernel.limits import Interval
from roadworthy.measures.intervals import wilson


class RuleEffect(Struct, frozen=True, kw_only=True):
    """What one rule did.

    Attributes:
        cells: how many cells it changed. judged: how many of them a person looked at.
        right: share of the judged ones that are right, with its 95 % interval; None where none was judged.
    """

    rule: str
    cells: int
    judged: int
    right: float | None
    interval: Interval | None


def sample(changes: pl.DataFrame, *, each: int = 20, seed: int = 0) -> pl.DataFrame:
    """At most `each` changes of every rule, drawn by chance, for a person to say `right` (true or false).

    Args:
        changes: `roadworthy.data.repair.plan.CHANGES`.
        each: how many of each rule; 73 tell a share of 0.95 to about 0.05.
        seed: of the draw.
    """
    chance = np.random.default_rng(seed)
    parts = []
    for _, part in changes.group_by("rule", maintain_order=True):
        taken = np.sort(chance.choice(part.height, min(each, part.height), replace=False))
        parts.append(part[taken])
    drawn = pl.concat(parts) if parts else changes.clear()
    return drawn.with_columns(pl.lit(None, dtype=pl.Boolean).alias("right"))


def effects(changes: pl.DataFrame, judged: pl.DataFrame | None = None) -> list[RuleEffect]:
    """How many cells each rule changed, and how many of these changes are right, as far as was judged.

    Args:
        changes: what was changed.
        judged: from `sample`, with `right` filled in; rows without an answer count as not judged.

    Raises:
        DataError: if `judged` has no column `right`.
    """
    if judged is not None and "right" not in judged.columns:
        raise DataError("nobody said what is right", where="column 'right'", fix="fill in the table that `sample` gave")
    answers = (judged if judged is not None else changes.clear().with_columns(right=pl.lit(value=True))).drop_nulls(
        "right"
    )
    found = []
    for (rule,), part in changes.group_by("rule", maintain_order=True):
        said = answers.filter(pl.col("rule") == rule)["right"].cast(pl.Boolean)
        hits, trials = int(said.sum()), len(said)
        found.append(
            RuleEffect(
                rule=str(rule),
                cells=part.height,
                judged=trials,
                right=hits / trials if trials else None,
                interval=wilson(hits, trials) if trials else None,
            )
        )
    return sorted(found, key=lambda one: (-one.cells, one.rule))
