"""Validity without a declaration: the few values that break what nearly all others of their column keep."""

import polars as pl

from roadworthy.data.contract.suggesting import Suggestion, suggest
from roadworthy.data.quality.breaches import rows_finding, suspect_cells
from roadworthy.data.quality.look import SUSPECTS, Look, Seen
from roadworthy.kernel.finding import Finding, Severity

_EXAMPLES = 5
_WORDS = {
    "bounds": "lie outside {said}, which {column} cannot by its name",
    "checksum": "fail the check digits of {said}, which all others pass",
    "type": "are no {said}, as all others are",
    "pattern": "are not of the shape {said}, as all others are",
    "unique": "repeat an earlier one, as no others do",
    "values": "are none of the {count} names that all others are",
}


def slips(look: Look) -> Seen:
    """Single words among numbers, odd shapes among codes, failing check digits, ages below nothing.

    Nothing is said of columns that a contract or a declared range already judges, and nothing of mail, whose fields
    are written by strangers.
    """
    if "raw_sha256" in look.table.columns or look.data.contract:
        return Seen()
    judged = {name for name, said in look.data.columns.items() if said.order or said.min is not None or said.codes}
    names = [name for name in look.table.columns if name not in judged]
    found = [one for one in suggest(look.table.select(names), look.scales, texts=look.texts) if one.likelihood > 0]
    cells = [
        suspect_cells(
            look,
            one.column,
            hit=one.rows,
            check=f"data.validity.{one.clause}",
            likelihood=one.likelihood,
            reason=_words(one),
        )
        for one in found
    ]
    return Seen(
        findings=[_finding(one, look) for one in found],
        suspects=pl.concat(cells) if cells else pl.DataFrame(schema=SUSPECTS),
    )


def _finding(one: Suggestion, look: Look) -> Finding:
    examples = look.text(one.column).filter(one.rows).unique().sort().head(_EXAMPLES).to_list()
    return rows_finding(
        f"data.validity.{one.clause}",
        one.column,
        hit=one.rows,
        keys=look.keys,
        what=f"values of {one.column} {_words(one)}",
        severity=Severity.NOTE,
        evidence={"values": examples, "likelihood": round(one.likelihood, 2)},
        remedy="look at these cells; if they are right, declare the column or a contract",
    )


def _words(one: Suggestion) -> str:
    said = f"{one.said[0]:g}..{one.said[1]:g}" if one.clause == "bounds" else str(one.said)
    return _WORDS[one.clause].format(said=said, column=one.column, count=len(one.said) if one.clause == "values" else 1)
