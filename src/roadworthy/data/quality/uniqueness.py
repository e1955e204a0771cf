"""Uniqueness: what stands there more than once."""

import polars as pl

from roadworthy.data.quality.breaches import SHOWN, rows_finding
from roadworthy.data.quality.look import Look, Seen
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import parse_limit
from roadworthy.measures.judging import share_finding

_MOST_DOUBLE = parse_limit("<= 5 %")
_UNIQUE_ANYWAY = "nothing, if rows need no key of their own: each got a unique one"


def uniqueness(look: Look) -> Seen:
    """Records equal byte by byte (mail) or in every column (table), and keys that stand twice or are not there."""
    return Seen(findings=[*_whole_records(look), *_keys(look)])


def _whole_records(look: Look) -> list[Finding]:
    table = look.table
    named = ["raw_sha256"] if "raw_sha256" in table.columns else [name for name in table.columns if name != "row_key"]
    if not named or table.is_empty():
        return []
    again = ~table.select(pl.struct(named).is_first_distinct().alias("first"))["first"]
    return [
        share_finding(
            "data.uniqueness",
            "whole record",
            hits=int(again.sum()),
            trials=table.height,
            limit=_MOST_DOUBLE,
            summary_noun="share of rows that repeat an earlier one",
            remedy="take the copies out, or split by a group that keeps them together",
            evidence={"rows": look.keys.filter(again).head(SHOWN).to_list()},
        )
    ]


def _keys(look: Look) -> list[Finding]:
    """Keys that were made unique by a number, and mails without a message id; notes."""
    table, keys = look.table, look.keys
    hits = [("row_key", keys.str.contains(r"#\d+$"), "rows share their key with an earlier one")]
    if "message_id" in table.columns:
        hits.append(("message_id", table["message_id"] == "", "mails have no message id"))
    return [
        rows_finding("data.keys", subject, hit=hit, keys=keys, what=what, severity=Severity.NOTE, remedy=_UNIQUE_ANYWAY)
        for subject, hit, what in hits
        if hit.any()
    ]
