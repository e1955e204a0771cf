"""Validity: values that may not be what they are."""

import polars as pl

from roadworthy.data.quality.breaches import rows_finding
from roadworthy.data.quality.look import Look, Seen
from roadworthy.declare.data import Column
from roadworthy.kernel.finding import Finding

_REMEDY = "correct these values at their source, or widen the declared range"


def validity(look: Look) -> Seen:
    """Values outside the declared range or order."""
    declared = {name: said for name, said in look.data.columns.items() if name in look.table.columns}
    return Seen(
        findings=[finding for name, said in declared.items() for finding in _outside(look.table[name], said, look)]
    )


def _outside(column: pl.Series, declared: Column, look: Look) -> list[Finding]:
    name, low, high = column.name, declared.min, declared.max
    found: list[tuple[pl.Series, str]] = []
    if column.dtype.is_numeric() and (low is not None or high is not None):
        out = pl.Series([False]).new_from_index(0, column.len())
        out = out | (column < low).fill_null(value=False) if low is not None else out
        out = out | (column > high).fill_null(value=False) if high is not None else out
        found.append((out, f"values of {name} lie outside {low}..{high}"))
    if declared.order:
        out = column.is_not_null() & ~column.cast(pl.String).is_in(list(declared.order))
        found.append((out, f"values of {name} are not in the declared order"))
    return [
        rows_finding("data.validity", name, hit=out, keys=look.keys, what=what, remedy=_REMEDY) for out, what in found
    ]
