"""Validity by contract: the table held against what it promised."""

from pathlib import Path
from typing import Any

import polars as pl

from roadworthy.data.contract.holding import Breach, Held, hold
from roadworthy.data.contract.store import read_contract
from roadworthy.data.contract.terms import Contract
from roadworthy.data.quality.breaches import SHOWN, suspect_cells
from roadworthy.data.quality.look import SUSPECTS, Look, Seen
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Interval, Verdict
from roadworthy.kernel.units import plural
from roadworthy.measures.intervals import wilson

_STRICT = 0.99
_MOST_VALUES = 5
_WORDS = {
    "type": "are no {said}",
    "required": "are missing",
    "unique": "repeat an earlier one",
    "range": "lie outside {said}",
    "values": "are none of the {count} agreed values",
    "length": "are not {said} characters long",
    "pattern": "do not match {said}",
    "checksum": "fail the check digits of {said}",
    "reference": "are not in {said}",
    "key": "repeat an earlier one",
    "rule": "break {said}",
}


def contracted(look: Look) -> Seen:
    """Every clause of the contract that `[data] contract` names; nothing where none is named.

    A clause that a person wrote fails at the first value that breaks it; one that was inferred, when more do than its
    evidence foresees. All rows that break one are named, and are suspects.

    Raises:
        SourceError: if the contract or a reference table cannot be read.
        DataError: if it says what a contract cannot say.
    """
    if not look.data.contract:
        return Seen()
    return judge_contract(read_contract(Path(look.folder) / look.data.contract), look)


def judge_contract(contract: Contract, look: Look) -> Seen:
    """Every clause of a contract on the table; `look.data.contract` names it in the findings.

    Raises:
        DataError: if it says what cannot be judged.
    """
    held = hold(contract, look.table, texts=look.texts, folder=look.folder)
    broken = held.broken
    findings = [_whole(held, look), *_columns(held, look), *(_finding(breach, look) for breach in broken)]
    suspects = [_suspects(breach, look) for breach in broken if breach.clause not in ("key", "rule")]
    return Seen(findings=findings, suspects=pl.concat(suspects) if suspects else pl.DataFrame(schema=SUSPECTS))


def _whole(held: Held, look: Look) -> Finding:
    """How many clauses hold."""
    failing = sum(breach.fails for breach in held.clauses)
    count = len(held.clauses)
    kept = f"{count - failing:,} of {plural(count, 'clause')} of {look.data.contract} hold"
    return Finding(
        check="data.contract",
        subject=look.data.contract,
        verdict=Verdict.FAIL if failing or held.absent or held.unknown else Verdict.PASS,
        summary=f"{kept} on {plural(look.table.height, 'row')}.",
        measured=float(failing),
        unit="clauses",
        severity=Severity.NOTE,
    )


def _columns(held: Held, look: Look) -> list[Finding]:
    """Columns that are promised and absent, or there and not promised."""
    said = (
        (held.absent, "absent", "is promised and not there"),
        (held.unknown, "unknown", "is there and not promised"),
    )
    return [
        Finding(
            check=f"data.contract.{clause}",
            subject=name,
            verdict=Verdict.FAIL,
            summary=f"1 column, {name}, {what}.",
            measured=1.0,
            unit="columns",
            evidence={"contract": look.data.contract},
            remedy="deliver the table as agreed, or agree on another contract",
        )
        for names, clause, what in said
        for name in names
    ]


def _finding(breach: Breach, look: Look) -> Finding:
    count, judged = breach.count, breach.judged
    share: Interval = wilson(count, max(judged, count))
    foreseen = f"; by its evidence up to {breach.evidence.risk:.2%} may" if breach.evidence else ""
    noun = "rows" if breach.clause in ("key", "rule") else f"values of {breach.column}"
    return Finding(
        check=f"data.contract.{breach.clause}",
        subject=breach.column,
        verdict=Verdict.FAIL if breach.fails else Verdict.PASS,
        summary=f"{count:,} of {judged:,} {noun} {_words(breach)}{foreseen}.",
        measured=count / max(judged, count),
        interval=share,
        unit="share",
        evidence={"rows": look.keys.filter(breach.rows).head(SHOWN).to_list(), "values": _examples(breach, look)},
        remedy="correct these values at their source, or agree on another contract" if breach.fails else "",
    )


def _words(breach: Breach) -> str:
    return _WORDS[breach.clause].format(said=_said(breach.clause, breach.said), count=_size(breach.said))


def _size(said: Any) -> int:
    return len(said) if isinstance(said, tuple) else 1


def _said(clause: str, said: Any) -> str:
    """What a clause asks, short."""
    if clause in ("range", "length"):
        low, high = ("" if end is None else f"{end:g}" if isinstance(end, float | int) else str(end) for end in said)
        return f"{low}..{high}"
    return f"{said.path} ({said.column})" if clause == "reference" else str(said)


def _examples(breach: Breach, look: Look) -> list[str]:
    if breach.clause in ("key", "rule", "required"):
        return []
    return look.text(breach.column).filter(breach.rows).unique().sort().head(_MOST_VALUES).to_list()


def _suspects(breach: Breach, look: Look) -> pl.DataFrame:
    """Where a clause was inferred, the likelihood is the share of its breaches that chance does not explain."""
    likelihood = _STRICT
    if breach.evidence:
        likelihood *= breach.count / (breach.count + breach.evidence.risk * breach.judged)
    return suspect_cells(
        look,
        breach.column,
        hit=breach.rows,
        check=f"data.contract.{breach.clause}",
        likelihood=likelihood,
        reason=_words(breach),
    )
