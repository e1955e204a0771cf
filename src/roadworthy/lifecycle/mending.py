"""Repair: a plan that is looked at first, a table that is mended, a journal that takes everything back."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import polars as pl
from msgspec import Struct

from roadworthy.data.quality.look import Look
from roadworthy.data.repair.apply import apply, undo
from roadworthy.data.repair.journal import read_journal, write_journal
from roadworthy.data.repair.plan import Plan, plan, repaired_table
from roadworthy.data.survivors import SurvivorRule, survivors
from roadworthy.data.writing import demand_ending, read_written, write_table
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.lifecycle.portrait import Looked

_PLACE = "place of the row"


class Mended(Struct, frozen=True, kw_only=True):
    """What a repair came to.

    Attributes:
        out: the mended table.
        journal: the folder that takes it back.
        cells: changed cells. rows: rows that were taken out.
        left: suspected cells for which nobody can tell what they should be.
    """

    out: str
    journal: str
    cells: int
    rows: int
    left: int


class Copies(Struct, frozen=True, kw_only=True):
    """Which rows are copies of each other, and which of them stays.

    Attributes:
        key: columns in which copies are equal; all columns if none is named.
        rule: see `data.survivors`. by: the column that `newest` reads.
    """

    key: tuple[str, ...] = ()
    rule: SurvivorRule = "first"
    by: str = ""


def plan_repair(
    looked: Looked,
    *,
    rules: Collection[str] = (),
    columns: Collection[str] = (),
    least: float = 0.0,
    copies: Copies | None = None,
) -> Plan:
    """The changes that would be made; nothing is changed.

    Args:
        rules, columns: only these. least: only cells at least as likely wrong.
        copies: rows to take out, if any.

    Raises:
        DataError: if a rule or column is named that is not there.
    """
    drop = _copies(looked.look, copies) if copies is not None else ()
    return plan(looked.look, looked.seen.suspects, drop=drop).only(rules=rules, columns=columns, least=least)


def _copies(look: Look, copies: Copies) -> list[int]:
    """Positions of the rows that another one stands for; a row without a value in the key is no copy."""
    for name in copies.key:
        if name not in look.table.columns:
            raise DataError(f"there is no column {name!r}", where="key", fix=did_you_mean(name, look.table.columns))
    key = look.table.select(copies.key or look.table.columns)
    placed = key.with_columns(pl.Series(_PLACE, np.arange(key.height)))
    group = placed.select(pl.col(_PLACE).first().over(key.columns))[_PLACE].to_numpy()
    if copies.key:
        lacking = key.select(pl.any_horizontal(pl.all().is_null()))[:, 0].to_numpy()
        group = np.where(lacking, np.arange(key.height), group)
    kept = survivors(look.table, group, rule=copies.rule, by=copies.by)
    return np.flatnonzero(kept != np.arange(key.height)).tolist()


def repair(looked: Looked, accepted: Plan, out: Path) -> Mended:
    """Write the mended table, cells as they were read otherwise, and its journal beside it.

    Raises:
        PlaceError: if the ending of `out` is none that a table is written in, or the place cannot be written.
    """
    demand_ending(out)
    mended = apply(accepted, repaired_table(looked.look))
    journal = write_journal(mended.journal, out)
    write_table(mended.table, out)
    rows = repaired_table(looked.look).height - mended.table.height
    return Mended(out=str(out), journal=str(journal), cells=mended.changes.height, rows=rows, left=accepted.left)


def undo_repair(journal: Path, table: Path, out: Path) -> pl.DataFrame:
    """Write the table as it was before a repair; proven by its identity.

    Args:
        journal: the folder beside the mended table.
        table: the mended table, as `repair` wrote it.

    Raises:
        DataError: if the table was changed since, or the journal is damaged.
    """
    demand_ending(out)
    before = undo(read_journal(journal), read_written(table))
    write_table(before, out)
    return before
