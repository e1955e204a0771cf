"""Which record of a group of duplicates is kept: one rule, chosen by the user."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl

from roadworthy.data.sets import Rows
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean

SurvivorRule = Literal["first", "newest", "most_complete", "trusted"]


def survivors(
    table: pl.DataFrame, group: Rows, *, rule: SurvivorRule = "first", by: str = "", trusted: Sequence[str] = ()
) -> Rows:
    """Row number of the record that stands for each row: its own where the row survives.

    Args:
        table: the rows.
        group: a number for each row; equal numbers are duplicates.
        rule: `first` in the table; `newest` by the column `by` (the latest value; a missing one is oldest);
            `most_complete` (fewest missing values and empty texts); `trusted` (the source named first in `trusted`, by
            the column `by`). Where a rule leaves several, the first of them survives.
        by: the column that `newest` and `trusted` read.
        trusted: names of sources, the most trusted first; others come after them.

    Raises:
        DataError: if there is no such rule, or the column it reads is not there.

    >>> table = pl.DataFrame({"name": ["ann", "ann", "bob"], "phone": [None, "1", "2"]})
    >>> survivors(table, np.array([0, 0, 2]), rule="most_complete").tolist()
    [1, 1, 2]
    """
    if rule not in get_args(SurvivorRule):
        fix = did_you_mean(rule, get_args(SurvivorRule))
        raise DataError(f"there is no rule {rule!r} for survivors", where="survivors", fix=fix)
    if rule in ("newest", "trusted") and by not in table.columns:
        fix = did_you_mean(by, table.columns) if by else "name the column that it reads"
        raise DataError(f"the rule {rule!r} has no column to read", where="survivors", fix=fix)
    better = _better(table, rule, by=by, trusted=trusted)
    frame = pl.DataFrame({"group": group, "better": better, "row": np.arange(table.height)})
    ordered = pl.col("row").sort_by("better", "row", descending=[True, False], nulls_last=True)
    kept: Rows = frame.select(ordered.first().over("group"))["row"].to_numpy().astype(np.int64)
    return kept


def _better(table: pl.DataFrame, rule: str, *, by: str, trusted: Sequence[str]) -> pl.Series:
    """A number or time for each row; the largest of a group survives."""
    if rule == "newest":
        return table[by]
    if rule == "trusted":
        rank = {name: -place for place, name in enumerate(trusted)}
        return table[by].cast(pl.String).replace_strict(rank, default=-len(rank), return_dtype=pl.Int64)
    if rule == "most_complete":
        present = [
            (pl.col(name).is_not_null() & (pl.col(name) != "" if dtype == pl.String() else True)).fill_null(value=False)
            for name, dtype in table.schema.items()
        ]
        return table.select(pl.sum_horizontal(present).alias("present"))["present"]
    return pl.Series("better", np.zeros(table.height))
