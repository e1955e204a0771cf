"""A drill: a fault is planted into a copy of a table, all checks look, and what is new in what they say is told."""

from collections.abc import Iterable

import numpy as np
import polars as pl
from msgspec import Struct, structs

from roadworthy.data.planting import Fault, Ground, Planted
from roadworthy.data.quality.dimensions import dimension_of
from roadworthy.data.quality.look import Check, Look, Seen, look_with
from roadworthy.data.scales import type_column
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.finding import Finding

_LIKELY = 0.5
_GROWN = 0.3
_NAMED = 0.2


class Drilled(Struct, frozen=True, kw_only=True):
    """What came of one drill.

    Attributes:
        planted: wrong cells, or rows where whole rows are wrong or gone.
        found_by: checks that say something new of the place that is wrong; none if it went unnoticed.
        named: share of the wrong cells that are among the suspects; None where no single cell is wrong.
        beside: cells newly suspected that are not wrong.
    """

    fault: str
    planted: int
    found_by: tuple[str, ...]
    named: float | None
    beside: int


def drill(  # noqa: PLR0913  # a fault, a table, who looks, and how it is drawn
    fault: Fault, look: Look, ground: Ground, *, checks: Catalogue[Check], before: Seen, severity: float, seed: int
) -> Drilled:
    """Plant one fault and look again.

    Args:
        before: what the checks say of the untouched table.
        severity: the share of rows that are made wrong, in (0, 0.5).
        seed: draws the place.
    """
    plain = [name for name, dtype in look.table.schema.items() if not dtype.is_nested() and name != "row_key"]
    frame = pl.DataFrame([look.text(name).alias(name) for name in plain])
    planted = fault.plant(frame, ground, np.random.default_rng(seed), severity)
    after = look_with(checks, planted_look(look, planted))
    wrong = {(int(row), name) for row in planted.rows for name in planted.columns}
    fresh = _fresh_cells(before, after, planted, look.table.height)
    new = {(row, column) for row, column, _ in fresh}
    told = {one.check for one in after.findings if _tells(one, before.findings, planted, planted_keys(look, planted))}
    named = {check for row, column, check in fresh if (row, column) in wrong}
    share = len(new & wrong) / len(wrong) if wrong else None
    return Drilled(
        fault=fault.name,
        planted=len(wrong) or max(len(planted.rows), abs(look.table.height - planted.frame.height)),
        found_by=tuple(sorted(told | (named if share and share >= _NAMED else set()))),
        named=share,
        beside=len(new - wrong),
    )


def planted_look(look: Look, planted: Planted) -> Look:
    """The look at a table with a fault in it: texts are typed again; a table that was never text keeps its types."""
    keys = planted_keys(look, planted)
    kept = look.table if planted.origin is None else look.table[planted.origin]
    if look.texts is None:
        back = [planted.frame[name].cast(kept.schema[name], strict=False) for name in planted.frame.columns]
        return structs.replace(look, table=kept.with_columns(back), keys=keys)
    typed = [type_column(planted.frame[name], look.data.columns.get(name), keys) for name in planted.frame.columns]
    return structs.replace(
        look,
        table=pl.DataFrame([one.values for one in typed]),
        scales={one.values.name: one.scale for one in typed},
        texts=planted.frame,
        keys=keys,
    )


def planted_keys(look: Look, planted: Planted) -> pl.Series:
    """One name for each row; a row that came twice has a number behind its name, as an import gives it."""
    keys = look.keys if planted.origin is None else look.keys[planted.origin]
    if planted.fresh:
        old = keys.head(look.table.height)
        return pl.concat([old, pl.Series([f"copy {at}" for at in range(len(keys) - len(old))], dtype=pl.String)])
    again = pl.int_range(pl.len()).over("key")
    named = pl.when(again == 0).then("key").otherwise(pl.col("key") + "#" + (again + 1).cast(pl.String))
    return keys.alias("key").to_frame().select(named.alias("row_key"))["row_key"]


def _fresh_cells(before: Seen, after: Seen, planted: Planted, rows: int) -> list[tuple[int, str, str]]:
    """Likely wrong cells that were not suspected before, by their new place."""
    known = set(_likely(before.suspects).select("row", "column").iter_rows())
    origin = np.arange(rows) if planted.origin is None else planted.origin
    old = len(origin) - len(planted.rows) if len(origin) > rows else len(origin)
    return [
        (row, column, check)
        for row, column, check in _likely(after.suspects).select("row", "column", "check").iter_rows()
        if row >= old or (int(origin[row]), column) not in known
    ]


def _likely(suspects: pl.DataFrame) -> pl.DataFrame:
    return suspects.filter(pl.col("likelihood") >= _LIKELY)


def _tells(finding: Finding, before: Iterable[Finding], planted: Planted, keys: pl.Series) -> bool:
    """Whether a finding is new, or counts clearly more, and speaks of the place that is wrong."""
    if dimension_of(finding.check) is None:
        return False
    same = [one for one in before if (one.check, one.subject) == (finding.check, finding.subject)]
    size = max(len(planted.rows), 1)
    grown = _count(finding) - max((_count(one) for one in same), default=0.0)
    failed = finding.verdict == "fail" and all(one.verdict != "fail" for one in same)
    if not failed and grown < _GROWN * size:
        return False
    words = finding.subject.replace(",", " ").replace("=", " ").split()
    spoken = any(name in words or name == finding.subject for name in planted.columns)
    wrong = set(keys.gather(planted.rows).to_list())
    named = [row for row in finding.evidence.get("rows", []) if row in wrong]
    return spoken or bool(named)


def _count(finding: Finding) -> float:
    if finding.unit == "share":
        return float(finding.evidence.get("hits", 0))
    return float(finding.measured or 0.0) if finding.unit in ("rows", "records", "deliveries") else 0.0
