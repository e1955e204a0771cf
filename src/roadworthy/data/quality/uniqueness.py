"""Uniqueness: what stands there more than once, and what names the rows."""

from collections.abc import Iterator, Sequence

import polars as pl

from roadworthy.data.quality.breaches import SHOWN, rows_finding
from roadworthy.data.quality.keys import FoundKey, find_keys, repeats
from roadworthy.data.quality.look import Look, Seen
from roadworthy.data.records.chance import alike_by_chance
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict, parse_limit
from roadworthy.kernel.units import plural
from roadworthy.measures.judging import share_finding

_MOST_DOUBLE = parse_limit("<= 5 %")
_UNIQUE_ANYWAY = "nothing, if rows need no key of their own: each got a unique one"


def uniqueness(look: Look) -> Seen:
    """Equal records, and keys: declared, found, and almost so."""
    found = [] if look.table.is_empty() else find_keys(_own(look), look.scales)
    judged = [*_whole_records(look), *_without_key(look, found), *_keys(look), *_named_rows(look, found)]
    return Seen(findings=judged)


def _own(look: Look) -> pl.DataFrame:
    """The columns that were read: what only tells where a record came from names every row anyhow."""
    if "raw_sha256" in look.table.columns:
        return pl.DataFrame()
    return look.table.drop("row_key", look.target, strict=False)


def _whole_records(look: Look) -> list[Finding]:
    table = look.table
    named = ["raw_sha256"] if "raw_sha256" in table.columns else [name for name in table.columns if name != "row_key"]
    if not named or table.is_empty():
        return []
    return [_repeated("whole record", table, named, look.keys)]


def _without_key(look: Look, found: Sequence[FoundKey]) -> Iterator[Finding]:
    """Records that are equal but for their key, where so much else is equal that it is no chance."""
    named = {name for key in found if len(key.columns) == 1 for name in key.columns} | {look.data.key}
    rest = [name for name in _own(look).columns if name not in named]
    if not rest or not named & set(look.table.columns):
        return
    if alike_by_chance(look.table, rest):
        return
    judged = _repeated("record without its key", look.table, rest, look.keys)
    if judged.evidence["hits"]:
        yield judged


def _repeated(subject: str, table: pl.DataFrame, named: Sequence[str], keys: pl.Series) -> Finding:
    again = ~table.select(pl.struct(named).is_first_distinct().alias("first"))["first"]
    return share_finding(
        "data.uniqueness",
        subject,
        hits=int(again.sum()),
        trials=table.height,
        limit=_MOST_DOUBLE,
        summary_noun="share of rows that repeat an earlier one",
        remedy="take the copies out, or split by a group that keeps them together",
        evidence={"rows": keys.filter(again).head(SHOWN).to_list()},
    )


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


def _named_rows(look: Look, found: Sequence[FoundKey]) -> Iterator[Finding]:
    """The columns that name the rows, as a note; those that almost do, and a declared key that does not."""
    whole = [key for key in found if not key.broken]
    if whole:
        names = [" and ".join(key.columns) for key in whole]
        yield Finding(
            check="data.primary_key",
            subject=names[0],
            verdict=Verdict.PASS,
            severity=Severity.NOTE,
            summary=f"{names[0]} names each of {plural(look.table.height, 'row')}"
            + (f"; so does {', so does '.join(names[1:])}." if names[1:] else "."),
            evidence={"keys": [list(key.columns) for key in whole]},
        )
    for name in dict.fromkeys([*(key.columns[0] for key in found if key.broken), *_declared(look)]):
        again = repeats(look.table, [name])
        if again.any():
            yield rows_finding(
                "data.primary_key",
                name,
                hit=again,
                keys=look.keys,
                what=f"rows repeat a {name} that names {'every' if name == look.data.key else 'almost every'} row",
                evidence={
                    "values": look.table[name].filter(again).unique().sort().cast(pl.String).head(SHOWN).to_list()
                },
                remedy="look whether these are copies, or mistyped",
            )


def _declared(look: Look) -> list[str]:
    return [look.data.key] if look.data.key in _own(look).columns else []
