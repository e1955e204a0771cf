"""What had to be guessed or repaired to read mails at all."""

from roadworthy.data.quality.breaches import SHOWN, rows_finding
from roadworthy.data.quality.look import Look, Seen
from roadworthy.kernel.finding import Severity
from roadworthy.kernel.limits import Verdict


def reading(look: Look) -> Seen:
    """Guessed charsets and broken structure, each a note; nothing on a table of anything else."""
    table = look.table
    if "charset_notes" not in table.columns:
        return Seen()
    notes = table["charset_notes"].explode(empty_as_null=True).drop_nulls().value_counts(sort=True)
    charset = rows_finding(
        "data.charset",
        "charset",
        hit=table["charset_notes"].list.len() > 0,
        keys=look.keys,
        what="mails had their charset guessed",
        severity=Severity.NOTE,
        evidence={"notes": dict(list(notes.iter_rows())[:SHOWN])},
        remedy="nothing, if few: text was read as UTF-8, else as Windows-1252",
    )
    mime = rows_finding(
        "data.mime",
        "MIME",
        hit=table["defects"] > 0,
        keys=look.keys,
        what="mails have a broken structure",
        severity=Severity.NOTE,
        remedy="nothing, if few: what could be read was",
    )
    return Seen(findings=[finding for finding in (charset, mime) if finding.verdict is Verdict.FAIL])
