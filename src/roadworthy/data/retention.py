"""Records that are too old to be kept are left out before anything is learnt from them."""

import numpy as np
import polars as pl

from roadworthy.data.times import row_times
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_SHOWN = 20


def within_retention(
    table: pl.DataFrame, declaration: Declaration, *, as_of: float | None
) -> tuple[pl.Series, list[Finding]]:
    """Which rows may be kept, and how many may not; a row without a time is kept, and counted in the evidence.

    Args:
        as_of: UTC seconds that age is counted from; None for the newest record.

    Raises:
        DataError: if nothing says when rows happened, or all of them are too old.
    """
    kept = pl.Series([True]).new_from_index(0, table.height)
    longest = declaration.data.retention
    if longest is None or table.is_empty():
        return kept, []
    times = row_times(table, declaration)
    if times is None:
        raise DataError("retention needs to know when a row happened", where="[data] retention", fix='add time = "..."')
    known = ~np.isnan(times)
    newest = as_of if as_of is not None else float(np.max(times[known], initial=-np.inf))
    old = known & (times < newest - longest.seconds)
    count = int(old.sum())
    if count == table.height:
        raise DataError(
            f"every row is older than {longest}", where="[data] retention", fix="look at as_of and retention"
        )
    if not count:
        return kept, []
    gone = pl.Series(old)
    return ~gone, [
        Finding(
            check="data.retention",
            subject="whole record",
            verdict=Verdict.FAIL,
            summary=f"{plural(count, 'row')} of {table.height:,} left out: older than {longest}.",
            measured=float(count),
            unit="rows",
            evidence={"rows": table["row_key"].filter(gone).head(_SHOWN).to_list(), "undated": int((~known).sum())},
            remedy="delete them at the source, where they may not be kept either",
        )
    ]
