"""Repair: a plan that is looked at first, a table that is mended, a journal that takes everything back."""

from collections.abc import Collection
from pathlib import Path

import polars as pl
from msgspec import Struct

from roadworthy.data.repair.apply import apply, undo
from roadworthy.data.repair.journal import read_journal, write_journal
from roadworthy.data.repair.plan import Plan, plan, repaired_table
from roadworthy.data.writing import demand_ending, read_written, write_table
from roadworthy.lifecycle.portrait import Looked


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


def plan_repair(
    looked: Looked, *, rules: Collection[str] = (), columns: Collection[str] = (), least: float = 0.0
) -> Plan:
    """The changes that would be made; nothing is changed.

    Args:
        rules, columns: only these. least: only cells at least as likely wrong.

    Raises:
        DataError: if a rule or column is named that the plan does not hold.
    """
    return plan(looked.look, looked.seen.suspects).only(rules=rules, columns=columns, least=least)


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
