"""Consistency: cells that contradict the rest of their column or row, and rows that contradict each other.

Nothing needs to be declared. What is suspected comes from `roadworthy.data.errors`; rules that were declared are judged
by `roadworthy.data.rules`.
"""

from collections.abc import Sequence

import polars as pl

from roadworthy.data.errors.dependencies import Dependency
from roadworthy.data.errors.detect import Suspicion, suspect
from roadworthy.data.quality.breaches import SHOWN, rows_finding
from roadworthy.data.quality.look import SUSPECTS, Look, Seen
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_ELSEWHERE = ("data.errors.absent",)
_EXAMPLES = 5
_REMEDY = "look at these cells; a plan of repairs corrects those for which the data tell the right value"


def consistency(look: Look) -> Seen:
    """Cells that are likely wrong, a finding for each column and kind of error; rows that share a key and differ.

    Missing values in other spellings are found by the same engine, and told by `completeness`. Nothing is said of
    tables of mail, whose columns are read by our own parser.
    """
    if "raw_sha256" in look.table.columns or look.table.is_empty():
        return Seen()
    suspicion = suspect(texts_of(look))
    suspects = suspicion.frame().filter(~pl.col("check").is_in(_ELSEWHERE)).cast(SUSPECTS)
    found = [*_by_column(suspects, look), *_rules(suspicion, suspects, look), *_contradictions(look)]
    return Seen(findings=found, suspects=suspects)


def texts_of(look: Look) -> pl.DataFrame:
    """The cells as they were read; columns that hold lists are left out."""
    plain = [name for name, dtype in look.table.schema.items() if not dtype.is_nested()]
    return pl.DataFrame([look.text(name).alias(name) for name in plain])


def _by_column(suspects: pl.DataFrame, look: Look) -> list[Finding]:
    found = []
    told_below = pl.col("check") == "data.errors.dependency"
    for (column, check), part in suspects.filter(~told_below).group_by("column", "check", maintain_order=True):
        rows, shown = part["row"], part.head(_EXAMPLES)
        examples = [
            {"value": cell["value"], "proposal": cell["proposal"], "likelihood": round(cell["likelihood"], 2)}
            for cell in shown.iter_rows(named=True)
        ]
        found.append(
            Finding(
                check=str(check),
                subject=str(column),
                verdict=Verdict.FAIL,
                summary=f"{part.height:,} of {look.table.height:,} values of {column} are likely wrong: "
                f"{shown['reason'][0]}.",
                measured=float(part.height),
                unit="cells",
                evidence={"rows": look.keys.gather(rows).head(SHOWN).to_list(), "examples": examples},
                remedy=_REMEDY,
            )
        )
    return found


def _rules(suspicion: Suspicion, suspects: pl.DataFrame, look: Look) -> list[Finding]:
    """Dependencies that the data keep nearly everywhere, each with the cells that break it."""
    broken = suspects.filter(pl.col("check") == "data.errors.dependency")
    if broken.is_empty():
        return []
    columns = set(broken["column"].to_list())
    return [
        _rule_told(right, [one for one in suspicion.dependencies if one.right == right], broken, look=look)
        for right in sorted(columns)
    ]


def _rule_told(right: str, rules: Sequence[Dependency], broken: pl.DataFrame, *, look: Look) -> Finding:
    rows = broken.filter(pl.col("column") == right)["row"]
    by = [" and ".join(one.left) for one in rules]
    return Finding(
        check="data.dependencies",
        subject=right,
        verdict=Verdict.FAIL,
        summary=f"{right} is decided by {' or '.join(by[:3])}; {plural(len(rows), 'cell')} of it break"
        f"{'s' if len(rows) == 1 else ''} that.",
        measured=float(len(rows)),
        unit="cells",
        severity=Severity.NOTE,
        evidence={
            "decided_by": {name: round(one.confidence, 4) for name, one in zip(by, rules, strict=True)},
            "rows": look.keys.gather(rows).head(SHOWN).to_list(),
        },
        remedy=_REMEDY,
    )


def _contradictions(look: Look) -> list[Finding]:
    """Rows that share the declared key and differ elsewhere."""
    key = look.data.key
    if not key or key not in look.table.columns:
        return []
    others = [name for name in look.table.columns if name not in (key, "row_key")]
    if not others:
        return []
    versions = look.table.select(key, pl.struct(others).alias("rest")).with_columns(
        pl.col("rest").n_unique().over(key).alias("versions")
    )
    hit = (versions["versions"] > 1) & versions[key].is_not_null()
    if not hit.any():
        return []
    return [
        rows_finding(
            "data.contradictions",
            key,
            hit=hit,
            keys=look.keys,
            what=f"rows share their {key} with another and differ from it",
            remedy="keep the right one of each, or declare a key that tells them apart",
        )
    ]
