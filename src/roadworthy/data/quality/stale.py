"""Values that stand still while time moves on: a sensor that hangs, a field that nobody fills any more."""

from typing import NamedTuple

import numpy as np
import polars as pl

from roadworthy.data.quality.breaches import suspect_cells
from roadworthy.data.quality.look import SUSPECTS, Look, Seen
from roadworthy.data.quality.moments import in_order
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict

_CHECK = "data.stale"
_LONG = 20
_CHANGES = 0.3
_UNLIKELY = 1e-6
_ELSEWHERE = 0.1
_VALUES = 20
_SHOWN = 20


class Frozen(NamedTuple):
    """Rows, in order, through which a value stood still."""

    entity: str
    value: str
    rows: list[int]


def stale(look: Look) -> Seen:
    """Measured columns with a run of one value that their usual changes make all but impossible.

    Rows are taken by time, in their own order where no column tells it; where the declared key repeats, each of its
    values (a sensor, a customer) is followed alone. The run must be 20 rows or longer, in a column that changes in at
    least 30 % of its steps elsewhere, and its value must hardly occur outside: a month without rain is no stale value.
    """
    findings: list[Finding] = []
    suspects = [pl.DataFrame(schema=SUSPECTS)]
    ordered = _ordered(look)
    for name in _measured(look):
        runs = _frozen(ordered, name)
        if not runs:
            continue
        hit = np.zeros(look.table.height, dtype=bool)
        for run in runs:
            hit[run.rows[1:]] = True
        findings.append(_told(look, name, runs))
        why = f"frozen at {runs[0].value} while time moves"
        suspects.append(suspect_cells(look, name, hit=pl.Series(hit), check=_CHECK, likelihood=0.8, reason=why))
    return Seen(findings=findings, suspects=pl.concat(suspects))


def _measured(look: Look) -> list[str]:
    return [
        name
        for name, scale in look.scales.items()
        if scale in ("continuous", "discrete")
        and name in look.table.columns
        and look.table[name].dtype.is_numeric()
        and name not in (look.data.key, look.target, "row_key")
        and look.table[name].n_unique() >= _VALUES
    ]


def _ordered(look: Look) -> pl.DataFrame:
    """The table by entity and time, with the row number of each row."""
    key = look.data.key
    rows = in_order(look)
    table = look.table.with_row_index("row number")[rows]
    repeats = bool(key) and key in table.columns and table[key].n_unique() < table.height
    entity = pl.col(key).cast(pl.String).fill_null("") if repeats else pl.lit("")
    return table.with_columns(entity.alias("entity of row")).sort("entity of row", maintain_order=True)


def _frozen(ordered: pl.DataFrame, name: str) -> list[Frozen]:
    """Runs that are too long to be chance, longest first."""
    present = ordered.select("row number", "entity of row", value=pl.col(name)).drop_nulls("value")
    runs = (
        present.with_columns(run=pl.struct("entity of row", "value").rle_id())
        .group_by("run", maintain_order=True)
        .agg(pl.col("entity of row").first(), pl.col("value").first(), pl.col("row number"), rows=pl.len())
    )
    long = runs.filter(pl.col("rows") >= _LONG).sort("rows", descending=True)
    if long.is_empty():
        return []
    changes = _rate(int(runs.filter(pl.col("rows") < _LONG)["rows"].sum()), runs.height, long.height)
    if changes < _CHANGES:
        return []
    least = _LONG if changes >= 1 else 1 + np.log(_UNLIKELY / present.height) / np.log1p(-changes)
    counts = dict(present["value"].value_counts().iter_rows())
    return [
        Frozen(entity, f"{value:g}", rows)
        for entity, value, rows, size in long.select("entity of row", "value", "row number", "rows").iter_rows()
        if size >= least and counts[value] - size <= _ELSEWHERE * size + _within(long, value, size)
    ]


def _within(long: pl.DataFrame, value: float, size: int) -> int:
    """How often the value stands in other long runs."""
    return int(long.filter(pl.col("value") == value)["rows"].sum()) - size


def _rate(rows: int, runs: int, long: int) -> float:
    """The share of steps outside the long runs in which the value changes."""
    return (runs - long) / rows if rows else 0.0


def _told(look: Look, name: str, runs: list[Frozen]) -> Finding:
    longest = runs[0]
    of = f" of {longest.entity}" if longest.entity else ""
    count = sum(len(run.rows) for run in runs)
    return Finding(
        check=_CHECK,
        subject=name,
        verdict=Verdict.FAIL,
        summary=f"{name}{of} stands at {longest.value} through {len(longest.rows):,} rows while time moves on"
        + (f"; {count:,} rows in {len(runs):,} such runs." if len(runs) > 1 else "."),
        measured=float(count),
        unit="rows",
        evidence={
            "runs": [
                {
                    "entity": run.entity,
                    "value": run.value,
                    "rows": len(run.rows),
                    "from": str(look.keys[run.rows[0]]),
                    "to": str(look.keys[run.rows[-1]]),
                }
                for run in runs[:_SHOWN]
            ]
        },
        remedy="ask whether the source was out of order; set the values to missing, or leave these rows out",
    )
