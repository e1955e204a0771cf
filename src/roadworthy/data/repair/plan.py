"""What would be changed, and why: shown before anything is."""

from collections.abc import Callable, Collection

import polars as pl
from msgspec import Struct, field

from roadworthy.data.quality.look import Look
from roadworthy.data.repair.identity import identity
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean

CHANGES = pl.Schema(
    {
        "row": pl.UInt32(),
        "key": pl.String(),
        "column": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
        "rule": pl.String(),
        "likelihood": pl.Float64(),
        "evidence": pl.String(),
    }
)
"""Cell changes: row position and key, column, both values as text (null is missing), the rule (`spelling:city`), the
likelihood that the cell is wrong, and why. A dropped row has one change, with an empty column, by `duplicate`."""

DROP = "duplicate"
"""The rule that drops whole rows."""
LIKELY = 0.6
"""What a plan takes in unless told otherwise: cells clearly more likely wrong than right."""
_KINDS = {
    "unit": "unit",
    "spelling": "spelling",
    "typo": "typo",
    "token": "typo",
    "format": "format",
    "dependency": "dependency",
    "place": "place",
    "pattern": "typo",
    "outlier": "outlier",
}
_MISSING = frozenset({"data.errors.absent", "data.disguised"})

Impute = Callable[[pl.DataFrame, str], pl.Series]
"""A port for those who fill gaps: table and column in, the column without gaps out (null where it cannot tell)."""


class Plan(Struct, frozen=True, kw_only=True):
    """Changes that wait to be accepted.

    Attributes:
        table: identity of the table that they belong to.
        changes: `CHANGES`, in the order of rows and columns; no cell twice.
        left: suspected cells for which nobody can tell what they should be.
    """

    table: str
    changes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGES))
    left: int = 0

    def only(self, *, rules: Collection[str] = (), columns: Collection[str] = (), least: float = 0.0) -> "Plan":
        """The part that is accepted: by rule (`spelling`, or `spelling:city`), by column, by likelihood.

        Raises:
            DataError: if a rule or column is named that the plan does not hold.
        """
        held = self.changes
        if rules:
            known = {*held["rule"].to_list(), *(rule.partition(":")[0] for rule in held["rule"].to_list())}
            _demand(rules, known, "rule")
            held = held.filter(
                pl.col("rule").is_in(list(rules)) | pl.col("rule").str.split(":").list.first().is_in(list(rules))
            )
        if columns:
            _demand(columns, set(self.changes["column"].to_list()), "column")
            held = held.filter(pl.col("column").is_in(list(columns)))
        return Plan(table=self.table, changes=held.filter(pl.col("likelihood") >= least), left=self.left)

    def rules(self) -> pl.DataFrame:
        """One line for each rule: what it changes, how many cells, how likely they are wrong, an example."""
        return (
            self.changes.group_by("rule", maintain_order=True)
            .agg(
                pl.len().alias("cells"),
                pl.col("likelihood").mean(),
                pl.col("before").first().alias("for example"),
                pl.col("after").first().alias("becomes"),
                pl.col("evidence").first(),
            )
            .sort("cells", "rule", descending=[True, False])
        )


def plan(
    look: Look,
    suspects: pl.DataFrame,
    *,
    least: float = LIKELY,
    drop: Collection[int] = (),
    impute: Impute | None = None,
) -> Plan:
    """Changes for the suspects for which somebody can tell what they should be.

    The key, the answer and the names of rows are never changed by a plan: whoever wants that does it at the source.

    Args:
        look: the table; cells are changed in `texts` where there are some, else in `table`.
        suspects: `roadworthy.data.quality.look.SUSPECTS`, from any check.
        least: the least likelihood.
        drop: positions of rows that repeat others and go (see `roadworthy.data.survivors`).
        impute: fills the gaps that are left, column by column; nothing is filled without it.

    >>> from roadworthy.data.quality.consistency import consistency
    >>> rows = [("35233", "birmingham"), ("36104", "montgomery"), ("35801", "huntsville")] * 30
    >>> table = pl.DataFrame([*rows, ("35801", "huntsvxlle")], schema=["zip", "city"], orient="row")
    >>> keys = pl.int_range(table.height, eager=True).cast(pl.String)
    >>> look = Look(table=table, keys=keys, scales={})
    >>> plan(look, consistency(look).suspects).changes.select("key", "before", "after").row(0)
    ('90', 'huntsvxlle', 'huntsville')
    """
    table = repaired_table(look)
    spared = {"row_key", look.data.key, look.target}
    able = [name for name, dtype in table.schema.items() if name not in spared and can_change(dtype)]
    told = suspects.filter(pl.col("column").is_in(able))
    sure = told.filter(
        (pl.col("likelihood") >= least) & (pl.col("proposal").is_not_null() | pl.col("check").is_in(_MISSING))
    )
    best = sure.sort("likelihood", descending=True).unique(["row", "column"], keep="first", maintain_order=True)
    found = _changes(best, table, look)
    if impute is not None:
        found = pl.concat([found, _filled(table, found, look, impute=impute)])
    if drop:
        found = found.filter(~pl.col("row").is_in(list(drop)))
        found = pl.concat([found, _dropped(drop, look)])
    order = {name: at for at, name in enumerate(["", *table.columns])}
    ordered = found.sort("row", pl.col("column").replace_strict(order, return_dtype=pl.Int64))
    return Plan(table=identity(table), changes=ordered, left=told.height - best.height)


def can_change(dtype: pl.DataType) -> bool:
    """Whether cells of this type are repaired: texts, numbers and truths, which text says without loss."""
    return dtype == pl.String or dtype.is_numeric() or dtype == pl.Boolean


def repaired_table(look: Look) -> pl.DataFrame:
    """The table whose cells are repaired: as it was read, where that is known."""
    return look.texts if look.texts is not None else look.table


def _changes(best: pl.DataFrame, table: pl.DataFrame, look: Look) -> pl.DataFrame:
    kinds = pl.col("check").str.strip_prefix("data.errors.").replace_strict(_KINDS, default="other")
    kind = pl.when(pl.col("proposal").is_null()).then(pl.lit("missing")).otherwise(kinds)
    found = best.with_columns(
        look.keys.cast(pl.String).gather(best["row"]).alias("key"),
        (kind + ":" + pl.col("column")).alias("rule"),
    )
    parts = [
        part.with_columns(table[str(name)].cast(pl.String).gather(part["row"]).alias("before"))
        for (name,), part in found.group_by("column", maintain_order=True)
    ]
    if not parts:
        return pl.DataFrame(schema=CHANGES)
    whole = pl.concat(parts).rename({"proposal": "after", "reason": "evidence"}).select(list(CHANGES)).cast(CHANGES)
    return whole.filter(pl.col("before").ne_missing(pl.col("after")))


def _filled(table: pl.DataFrame, found: pl.DataFrame, look: Look, *, impute: Impute) -> pl.DataFrame:
    parts = [pl.DataFrame(schema=CHANGES)]
    for name in table.columns:
        if name in {"row_key", look.data.key, look.target} or not can_change(table.schema[name]):
            continue
        changed = found.filter(pl.col("column") == name)["row"]
        gaps = table[name].is_null().arg_true()
        gaps = gaps.filter(~gaps.is_in(changed.cast(gaps.dtype)))
        if gaps.is_empty():
            continue
        after = impute(table, name).gather(gaps).cast(pl.String)
        part = pl.DataFrame(
            {
                "row": gaps,
                "key": look.keys.cast(pl.String).gather(gaps),
                "column": name,
                "before": pl.Series([None] * len(gaps), dtype=pl.String),
                "after": after,
                "rule": f"impute:{name}",
                "likelihood": 1.0,
                "evidence": "it is missing",
            }
        )
        parts.append(part.filter(pl.col("after").is_not_null()).cast(CHANGES))
    return pl.concat(parts)


def _dropped(drop: Collection[int], look: Look) -> pl.DataFrame:
    rows = sorted(set(drop))
    if rows and not 0 <= rows[0] <= rows[-1] < look.table.height:
        raise DataError(
            f"there is no row {rows[-1]}", where="rows to drop", fix=f"give positions below {look.table.height}"
        )
    return pl.DataFrame(
        {
            "row": rows,
            "key": look.keys.cast(pl.String).gather(rows),
            "column": "",
            "before": pl.Series([None] * len(rows), dtype=pl.String),
            "after": pl.Series([None] * len(rows), dtype=pl.String),
            "rule": DROP,
            "likelihood": 1.0,
            "evidence": "it repeats a row that stays",
        }
    ).cast(CHANGES)


def _demand(asked: Collection[str], known: Collection[str], what: str) -> None:
    for name in asked:
        if name not in known:
            raise DataError(f"the plan has no {what} {name!r}", where="the plan", fix=did_you_mean(name, sorted(known)))
