"""Personal data that nobody declared, and rows that can be told apart by what others know of a person."""

from collections.abc import Iterator

import polars as pl

from roadworthy.data.privacy.detecting import Detected, detect
from roadworthy.data.privacy.risk import quasi_identifiers, risk
from roadworthy.data.quality.look import Look, Seen
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict, parse_limit
from roadworthy.measures.intervals import wilson
from roadworthy.measures.judging import in_words, share_finding

_MOST_ALONE = parse_limit("<= 5 %")
_OF_A_MAIL = {"from_address": "from", "from_name": "from", "to_addresses": "to", "subject": "", "text": ""}
_REMEDY = "pseudonymise the column, take it out, or declare the consent or licence on which it is used"
_ROWS = 5


def personal(look: Look) -> Seen:
    """One finding for each kind of personal data in each column, and one for combinations that single out rows."""
    return Seen(findings=[*_columns(look), *_combinations(look)])


def _columns(look: Look) -> Iterator[Finding]:
    if look.table.is_empty():
        return
    grounds = _grounds(look)
    for name in _looked_at(look):
        for found in detect(look.text(name).alias(name), scale=str(look.scales.get(name, "nominal"))):
            yield _finding(name, found, grounds)


def _looked_at(look: Look) -> list[str]:
    """Columns that are not pseudonymised; of a mail, what people write, since every header holds addresses."""
    hidden = {word.lower() for word in look.data.hidden}
    if "raw_sha256" in look.table.columns:
        return [name for name, field in _OF_A_MAIL.items() if name in look.table.columns and field not in hidden]
    nested = {name for name, dtype in look.table.schema.items() if dtype.is_nested()}
    return [
        name for name in look.table.columns if name != "row_key" and name not in nested and name.lower() not in hidden
    ]


def _grounds(look: Look) -> str:
    """On what ground the data are used, if every source says so."""
    said = [source.consent or source.consent_column or source.licence for source in look.data.sources]
    return ", ".join(dict.fromkeys(said)) if said and all(said) else ""


def _finding(column: str, found: Detected, grounds: str) -> Finding:
    hits = round(found.share * found.looked)
    where = (
        f"within {in_words(found.share, 'share')} of the texts"
        if found.within
        else (f"{in_words(found.share, 'share')} of the values")
    )
    return Finding(
        check="data.personal",
        subject=column,
        verdict=Verdict.PASS if grounds else Verdict.FAIL,
        severity=Severity.NOTE if grounds else Severity.WARNING,
        summary=f"{column} holds {found.kind}: {where}, with confidence {found.confidence:.2f}"
        + (f"; used on the ground of: {grounds}." if grounds else "; no ground is declared."),
        measured=found.share,
        unit="share",
        interval=wilson(hits, found.looked),
        evidence={"kind": found.kind, "confidence": found.confidence, "looked_at": found.looked}
        | {"masked_examples": list(found.examples)},
        remedy="" if grounds else _REMEDY,
    )


def _combinations(look: Look) -> Iterator[Finding]:
    """Declared quasi-identifiers, else those that their names give away."""
    declared = [name for name in look.data.quasi_identifiers if name in look.table.columns]
    columns = declared or quasi_identifiers([name for name in look.table.columns if name != look.target])
    if not columns or look.table.is_empty():
        return
    found = risk(look.table, columns)
    rows = look.keys.gather(pl.Series(found.first, dtype=pl.UInt32)).head(_ROWS).to_list()
    yield share_finding(
        "data.reidentification",
        ", ".join(columns),
        hits=found.alone,
        trials=found.rows,
        limit=_MOST_ALONE,
        summary_noun=f"share of rows that {' and '.join(columns)} single out",
        severity=Severity.WARNING if declared else Severity.NOTE,
        remedy="coarsen these columns (bins, first digits), or take one out",
        evidence={"k": found.k, "chance": found.chance, "rows": rows, "declared": bool(declared)},
    )
