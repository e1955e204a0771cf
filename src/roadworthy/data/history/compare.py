"""What differs between two versions of a table: columns, rows, cells."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from msgspec import Struct, field

from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean

_SHOWN = 20
_ROW = "__row"


class ChangedCell(Struct, frozen=True, kw_only=True):
    """One cell that has another value now."""

    key: str
    column: str
    before: Any
    after: Any


class TableDiff(Struct, frozen=True, kw_only=True):
    """What differs from a first table to a second.

    Attributes:
        rows: of the first and of the second.
        added_columns, removed_columns: names.
        retyped: column to its type before and after.
        added, removed, changed: how many rows; without a key a changed row is one removed and one added.
        cells: column to how many of its cells changed, most first.
        examples: some changed cells.
        added_keys, removed_keys: some of them.
        by: the columns that tell which row is which; empty if only whole rows were compared.
    """

    rows: tuple[int, int]
    added_columns: list[str] = field(default_factory=list)
    removed_columns: list[str] = field(default_factory=list)
    retyped: dict[str, tuple[str, str]] = field(default_factory=dict)
    added: int = 0
    removed: int = 0
    changed: int = 0
    cells: dict[str, int] = field(default_factory=dict)
    examples: list[ChangedCell] = field(default_factory=list)
    added_keys: list[str] = field(default_factory=list)
    removed_keys: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether the tables hold the same columns and rows, in whatever order."""
        columns = self.added_columns or self.removed_columns or self.retyped
        return not (columns or self.added or self.removed or self.changed)


def compare_tables(first: pl.DataFrame, second: pl.DataFrame, *, by: Sequence[str] = ()) -> TableDiff:
    """What differs from a first table to a second; the order of rows does not count.

    Args:
        by: columns that name a row; without them whole rows are compared as a multiset.

    Raises:
        DataError: if a key column is missing, or names a row twice.

    >>> before = pl.DataFrame({"id": [1, 2], "n": [10, 20]})
    >>> after = pl.DataFrame({"id": [2, 3], "n": [21, 30]})
    >>> found = compare_tables(before, after, by=["id"])
    >>> found.added, found.removed, found.changed, found.cells
    (1, 1, 1, {'n': 1})
    """
    shared = [name for name in first.columns if name in second.columns]
    outline = {
        "rows": (first.height, second.height),
        "added_columns": [name for name in second.columns if name not in first.columns],
        "removed_columns": [name for name in first.columns if name not in second.columns],
        "retyped": {
            name: (str(first.schema[name]), str(second.schema[name]))
            for name in shared
            if first.schema[name] != second.schema[name]
        },
    }
    alike = [_alike(first, name, outline["retyped"]) for name in shared]
    one, two = first.select(alike), second.select([_alike(second, name, outline["retyped"]) for name in shared])
    found = _by_key(one, two, list(by)) if by else _as_multisets(one, two)
    return TableDiff(**outline, **found)  # type: ignore[arg-type]  # names and types stand above and in the two makers


def _alike(frame: pl.DataFrame, name: str, retyped: Any) -> pl.Expr:
    """A column, as text where its type changed, so that values can be compared at all."""
    nested = frame.schema[name].is_nested()
    if nested:
        return pl.col(name).map_elements(_as_text, return_dtype=pl.String).alias(name)
    return pl.col(name).cast(pl.String) if name in retyped else pl.col(name)


def _as_text(value: Any) -> str:
    return str(value.to_list() if isinstance(value, pl.Series) else value)


def _as_multisets(one: pl.DataFrame, two: pl.DataFrame) -> dict[str, Any]:
    if not one.width:
        return {"added": max(0, two.height - one.height), "removed": max(0, one.height - two.height)}
    counted = [frame.group_by(frame.columns).agg(pl.len().cast(pl.Int64).alias(_ROW)) for frame in (one, two)]
    both = counted[0].join(counted[1], on=one.columns, how="full", nulls_equal=True, coalesce=True, suffix="_2")
    more = both[_ROW + "_2"].fill_null(0) - both[_ROW].fill_null(0)
    return {"added": int(more.clip(lower_bound=0).sum()), "removed": int((-more).clip(lower_bound=0).sum())}


def _by_key(one: pl.DataFrame, two: pl.DataFrame, by: list[str]) -> dict[str, Any]:
    for frame in (one, two):
        _demand_key(frame, by)
    others = [name for name in one.columns if name not in by]
    gone = one.join(two, on=by, how="anti", nulls_equal=True)
    come = two.join(one, on=by, how="anti", nulls_equal=True)
    both = one.join(two, on=by, how="inner", nulls_equal=True, suffix="__after", maintain_order="left")
    apart = both.select(
        pl.lit(value=False).alias(_ROW),
        *(pl.col(name).ne_missing(pl.col(f"{name}__after")).alias(name) for name in others),
    )
    cells = {name: int(apart[name].sum()) for name in others}
    changed = apart.select(pl.any_horizontal(pl.all()).alias(_ROW))[_ROW]
    return {
        "added": come.height,
        "removed": gone.height,
        "changed": int(changed.sum()),
        "cells": dict(sorted(((n, c) for n, c in cells.items() if c), key=lambda pair: -pair[1])),
        "examples": _examples(both, apart, by),
        "added_keys": _keys(come, by),
        "removed_keys": _keys(gone, by),
        "by": by,
    }


def _demand_key(frame: pl.DataFrame, by: list[str]) -> None:
    for name in by:
        if name not in frame.columns:
            raise DataError(f"there is no column {name!r}", where="key", fix=did_you_mean(name, frame.columns))
    double = frame.select(pl.struct(by).is_duplicated().alias(_ROW))[_ROW]
    if double.any():
        raise DataError(
            f"{', '.join(by)} names {int(double.sum()):,} rows that are not alone",
            where="key",
            fix="name columns that together are unique, or compare whole rows",
        )


def _keys(frame: pl.DataFrame, by: list[str]) -> list[str]:
    return [_name(row) for row in frame.select(by).head(_SHOWN).iter_rows()]


def _name(row: tuple[Any, ...]) -> str:
    return " / ".join(str(value) for value in row)


def _examples(both: pl.DataFrame, apart: pl.DataFrame, by: list[str]) -> list[ChangedCell]:
    found: list[ChangedCell] = []
    for name in apart.columns[1:]:
        if len(found) >= _SHOWN:
            break
        hit = both.filter(apart[name]).head(_SHOWN - len(found))
        found.extend(
            ChangedCell(key=_name(row[:-2]), column=name, before=row[-2], after=row[-1])
            for row in hit.select(*by, name, f"{name}__after").iter_rows()
        )
    return found
