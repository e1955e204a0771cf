"""A plan carried out, and taken back."""

import polars as pl
from msgspec import Struct

from roadworthy.data.repair.identity import identity
from roadworthy.data.repair.plan import CHANGES, Plan
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.units import plural


class Journal(Struct, frozen=True, kw_only=True):
    """Everything that a repair did, enough to take it back.

    Attributes:
        before, after: identity of the table before and after.
        changes: `CHANGES`, as they were made.
        dropped: the rows that went, whole, with their former `position`; of the table's own types.
    """

    before: str
    after: str
    changes: pl.DataFrame
    dropped: pl.DataFrame


class Repaired(Struct, frozen=True, kw_only=True):
    """The repaired table, and the journal of what was changed."""

    table: pl.DataFrame
    journal: Journal

    @property
    def changes(self) -> pl.DataFrame:
        """What was changed, cell by cell."""
        return self.journal.changes


POSITION = "__position__"


def apply(plan: Plan, table: pl.DataFrame) -> Repaired:
    """The table with the plan's changes made, and nothing else.

    Applied to a table that it was applied to already, it changes nothing.

    Raises:
        DataError: if the table is another one than was planned for, or a value does not fit the type of its column.
    """
    before = identity(table)
    if before != plan.table:
        if _applied_already(plan, table):
            nothing = pl.DataFrame(schema=CHANGES)
            return Repaired(
                table=table, journal=Journal(before=before, after=before, changes=nothing, dropped=_none_of(table))
            )
        raise DataError(
            "the table has changed since the plan was made", where="the plan", fix="make the plan again and look at it"
        )
    cells = plan.changes.filter(pl.col("column") != "")
    drop = plan.changes.filter(pl.col("column") == "")["row"]
    changed = _written(table, cells, to="after")
    gone = changed.with_row_index(POSITION).filter(pl.int_range(pl.len()).is_in(drop.cast(pl.Int64).implode()))
    kept = changed.filter(~pl.int_range(pl.len()).is_in(drop.cast(pl.Int64).implode()))
    journal = Journal(before=before, after=identity(kept), changes=plan.changes, dropped=gone)
    return Repaired(table=kept, journal=journal)


def undo(journal: Journal, table: pl.DataFrame) -> pl.DataFrame:
    """The table as it was before, cell for cell, type for type and in the same order.

    Raises:
        DataError: if the table was changed after the repair.
    """
    if identity(table) != journal.after:
        raise DataError(
            "the table was changed after the repair", where="the journal", fix="undo on the table that the repair gave"
        )
    whole = _back_in(table, journal.dropped)
    former = _written(whole, journal.changes.filter(pl.col("column") != ""), to="before")
    if identity(former) != journal.before:
        raise DataError(
            "the journal does not lead back to the table it was made for",
            where="the journal",
            fix="take the table from its source, or from its versions",
        )
    return former


def _written(table: pl.DataFrame, cells: pl.DataFrame, *, to: str) -> pl.DataFrame:
    """The table with one value of each change written into its cell."""
    columns = []
    for (name,), part in cells.group_by("column", maintain_order=True):
        column = table[str(name)]
        values = _typed(part[to], column.dtype, str(name))
        columns.append(column.scatter(part["row"].to_list(), values))
    return table.with_columns(columns)


def _typed(texts: pl.Series, dtype: pl.DataType, name: str) -> pl.Series:
    """Texts as values of a column's type; what does not fit is refused."""
    values = texts.cast(dtype, strict=False)
    lost = values.is_null() & texts.is_not_null()
    if lost.any():
        raise DataError(
            f"{plural(int(lost.sum()), 'value')} such as {texts.filter(lost)[0]!r} do not fit {dtype}",
            where=f"column {name!r}",
            fix="repair the table as it was read (as text), before it is typed",
        )
    return values


def _back_in(table: pl.DataFrame, dropped: pl.DataFrame) -> pl.DataFrame:
    if dropped.is_empty():
        return table
    places = dropped[POSITION].to_list()
    taken = set(places)
    free = [at for at in range(table.height + len(places)) if at not in taken]
    kept = table.with_columns(pl.Series(POSITION, free, dtype=pl.UInt32)).select(POSITION, *table.columns)
    return pl.concat([kept, dropped.cast({POSITION: pl.UInt32})]).sort(POSITION).drop(POSITION)


def _applied_already(plan: Plan, table: pl.DataFrame) -> bool:
    """Whether taking the changes back gives the table that was planned for."""
    if not set(plan.changes["column"].to_list()) <= {*table.columns, ""} or (plan.changes["column"] == "").any():
        return False
    if plan.changes["row"].max() is None or int(plan.changes["row"].cast(pl.Int64).max() or 0) >= table.height:  # type: ignore[arg-type]  # an integer column
        return False
    return identity(_written(table, plan.changes, to="before")) == plan.table


def _none_of(table: pl.DataFrame) -> pl.DataFrame:
    return table.clear().with_row_index(POSITION)
