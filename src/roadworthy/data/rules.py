"""New columns by declared expressions, and records held against declared rules."""

import polars as pl

from roadworthy.data.expressions import compile_expression
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.units import plural

_SHOWN = 20
_USUAL = {"truth": "binary", "number": "continuous", "text": "nominal"}


def derive(frame: pl.DataFrame, declaration: Declaration) -> tuple[pl.DataFrame, dict[str, str]]:
    """The frame with the columns of `[data.derive]`, and their scales; a later one may read an earlier one.

    A truth becomes `yes` or `no`. What `bin` gives is ordinal, in the order of its labels.

    Raises:
        DataError: if an expression cannot be read, or would replace a column.
    """
    scales: dict[str, str] = {}
    for name, text in declaration.data.derive.items():
        where = f"[data.derive] {name}"
        if name in frame.columns:
            raise DataError(f"there is a column {name!r} already", where=where, fix="give the new one another name")
        compiled = compile_expression(text, frame.schema, where=where)
        expr = compiled.expr
        if compiled.kind == "truth":
            expr = pl.when(expr).then(pl.lit("yes")).when(~expr).then(pl.lit("no"))
        frame = frame.with_columns(expr.alias(name))
        declared = declaration.data.columns.get(name)
        scales[name] = (declared.scale if declared else None) or (
            "ordinal" if compiled.labels else _USUAL[compiled.kind]
        )
    return frame, scales


def judge_rules(frame: pl.DataFrame, declaration: Declaration) -> list[Finding]:
    """One finding for each rule; rows on which it is false break it, and are named.

    Raises:
        DataError: if a rule cannot be read, or gives no truth.
    """
    found: list[Finding] = []
    for name, text in declaration.data.rules.items():
        compiled = compile_expression(text, frame.schema, where=f"[data.rules] {name}")
        if compiled.kind != "truth":
            raise DataError(
                f"the rule gives a {compiled.kind}, not a truth", where=f"[data.rules] {name}", fix="compare something"
            )
        held = frame.select(compiled.expr.alias("held"))["held"]
        found.append(_rule_finding(name, text, held, frame["row_key"]))
    return found


def _rule_finding(name: str, text: str, held: pl.Series, keys: pl.Series) -> Finding:
    """Where a value that the rule needs is missing, the row is not judged; the finding says how many."""
    broken = (~held).fill_null(value=False)
    count, unjudged = int(broken.sum()), held.null_count()
    beside = f" ({plural(unjudged, 'row')} not judged: a value is missing)" if unjudged else ""
    return Finding(
        check=f"data.consistency.{name}",
        subject=name,
        verdict=Verdict.FAIL if count else Verdict.PASS,
        summary=f"{plural(count, 'row')} of {held.len():,} break{'s' if count == 1 else ''} the rule `{text}`{beside}.",
        measured=float(count),
        unit="rows",
        evidence={"rule": text, "rows": keys.filter(broken).head(_SHOWN).to_list(), "not_judged": unjudged},
        remedy="correct these rows at their source" if count else "",
    )
