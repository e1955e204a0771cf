"""What a look at the whole table tells: what is missing, double, one-sided, out of range, undated or too old."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import polars as pl

from roadworthy.data.times import time_column
from roadworthy.declare.declaration import Declaration
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict, parse_limit
from roadworthy.kernel.units import plural
from roadworthy.measures.judging import share_finding

_SHOWN = 20
_MOST_MISSING = parse_limit("<= 5 %")
_MOST_DOUBLE = parse_limit("<= 5 %")
_RARE = 0.05
_EVERY_MAIL = frozenset(("message_id", "date", "received", "from_address", "subject", "text"))
_DAY = 86_400.0


def judge_table(table: pl.DataFrame, declaration: Declaration, *, scales: dict[str, str]) -> list[Finding]:
    """Findings about a snapshot. Missing values and duplicates are shares with intervals; the rest are counts.

    Raises:
        DataError: if the target takes one value only, or never the positive one.
    """
    return [
        _balance(table, declaration),
        *_missing(table, declaration),
        *_duplicates(table),
        *_validity(table, declaration),
        *_mail_notes(table),
        *_times(table, declaration, scales),
    ]


def _balance(table: pl.DataFrame, declaration: Declaration) -> Finding:
    target, positive = declaration.problem.target, declaration.problem.positive
    counts = {str(value): count for value, count in table[target].value_counts(sort=True).iter_rows()}
    if positive not in counts or len(counts) < 2:
        held = ", ".join(f"{value} ({count:,})" for value, count in list(counts.items())[:_SHOWN])
        raise DataError(
            f"{target} needs rows that are {positive!r} and rows that are not; it holds {held}",
            where=f"column {target}",
            fix="check [problem] positive, the labels, and that both classes are among the data",
        )
    share = counts[positive] / table.height
    rare = min(share, 1 - share) < _RARE
    return Finding(
        check="data.balance",
        subject=target,
        verdict=Verdict.FAIL if rare else Verdict.PASS,
        summary=f"{counts[positive]:,} of {plural(table.height, 'row')} are {positive} ({share:.1%}).",
        measured=share,
        unit="share",
        severity=Severity.NOTE,
        evidence={"counts": counts},
        remedy="judge by precision and recall, not by accuracy" if rare else "",
    )


def _missing(table: pl.DataFrame, declaration: Declaration) -> list[Finding]:
    """One finding for each column with missing values; an empty text counts as one."""
    found: list[Finding] = []
    by_mail = "raw_sha256" in table.columns
    for name, dtype in table.schema.items():
        column, declared = table[name], declaration.data.columns.get(name)
        count = column.null_count() + (int((column == "").sum()) if dtype == pl.String() else 0)
        if not count or (declared and declared.optional) or (by_mail and name not in _EVERY_MAIL):
            continue
        found.append(
            share_finding(
                "data.completeness",
                name,
                hits=count,
                trials=table.height,
                limit=_MOST_MISSING,
                summary_noun=f"share of rows without {name}",
                severity=Severity.WARNING if name in _important(declaration) else Severity.NOTE,
                remedy="complete it at the source, or declare the column optional",
            )
        )
    return found


def _important(declaration: Declaration) -> frozenset[str]:
    features = declaration.features
    text = features.text.columns if features.text else ()
    return frozenset(
        (declaration.problem.target, declaration.data.key, declaration.data.time, *features.columns, *text)
    )


def _duplicates(table: pl.DataFrame) -> list[Finding]:
    """Records that are equal byte by byte (mail) or in every column (table), and keys that stand twice."""
    by_content = "raw_sha256" in table.columns
    subset = ["raw_sha256"] if by_content else [name for name in table.columns if name != "row_key"]
    first = table.select(pl.struct(subset).is_first_distinct().alias("first"))["first"]
    found = [
        share_finding(
            "data.uniqueness",
            "whole record",
            hits=int((~first).sum()),
            trials=table.height,
            limit=_MOST_DOUBLE,
            summary_noun="share of rows that repeat an earlier one",
            remedy="take the copies out, or split by a group that keeps them together",
            evidence={"rows": table["row_key"].filter(~first).head(_SHOWN).to_list()},
        )
    ]
    again = table["row_key"].str.contains(r"#\d+$")
    if again.any():
        found.append(_counted("data.keys", "row_key", again, table, "rows share their key with an earlier one"))
    if "message_id" in table.columns and (table["message_id"] == "").any():
        found.append(_counted("data.keys", "message_id", table["message_id"] == "", table, "mails have no message id"))
    return found


def _validity(table: pl.DataFrame, declaration: Declaration) -> list[Finding]:
    """Values outside the declared range or order."""
    found: list[Finding] = []
    for name, declared in declaration.data.columns.items():
        column = table[name] if name in table.columns else None
        if column is None:
            continue
        if column.dtype.is_numeric() and (declared.min is not None or declared.max is not None):
            low, high = declared.min, declared.max
            out = pl.Series([False]).new_from_index(0, column.len())
            out = out | (column < low).fill_null(value=False) if low is not None else out
            out = out | (column > high).fill_null(value=False) if high is not None else out
            found.append(_counted("data.validity", name, out, table, f"values of {name} lie outside {low}..{high}"))
        if declared.order:
            out = column.is_not_null() & ~column.cast(pl.String).is_in(list(declared.order))
            found.append(_counted("data.validity", name, out, table, f"values of {name} are not in the declared order"))
    return found


def _mail_notes(table: pl.DataFrame) -> list[Finding]:
    """What had to be guessed or repaired to read the mails."""
    if "charset_notes" not in table.columns:
        return []
    notes = table["charset_notes"].explode(empty_as_null=True).drop_nulls().value_counts(sort=True)
    counts = dict(list(notes.iter_rows())[:_SHOWN])
    guessed = table["charset_notes"].list.len() > 0
    found = [_counted("data.charset", "charset", guessed, table, "mails had their charset guessed", {"notes": counts})]
    found.append(_counted("data.mime", "MIME", table["defects"] > 0, table, "mails have a broken structure"))
    return [finding for finding in found if finding.verdict is Verdict.FAIL]


def _times(table: pl.DataFrame, declaration: Declaration, scales: dict[str, str]) -> list[Finding]:
    name = time_column(table, declaration)
    if name is None or scales.get(name) != "datetime":
        return []
    times = table[name]
    found: list[Finding] = []
    if times.null_count():
        found.append(_counted("data.dates", name, times.is_null(), table, f"rows have no readable {name}"))
    if times.null_count() == table.height:
        return found
    newest = _as_of(declaration, times)
    found.extend(_future(times, newest, name, table))
    if declaration.data.max_age is not None:
        old = (times < newest - declaration.data.max_age.seconds).fill_null(value=False)
        what = f"rows are older than {declaration.data.max_age} at {_day(newest)}"
        found.append(_counted("data.timeliness", name, old, table, what))
    return found


def _as_of(declaration: Declaration, times: pl.Series) -> float:
    """The declared day's end, or the newest record."""
    if declaration.data.as_of == "latest":
        return float(times.max())  # type: ignore[arg-type]  # a column of numbers that is not empty
    return datetime.fromisoformat(declaration.data.as_of).replace(tzinfo=UTC).timestamp() + _DAY


def _future(times: pl.Series, newest: float, name: str, table: pl.DataFrame) -> Iterable[Finding]:
    late = (times > newest).fill_null(value=False)
    if late.any():
        yield _counted("data.future_dates", name, late, table, f"rows are dated after {_day(newest)}")
    lonely = times.drop_nulls().sort()
    # One clock that runs ahead would otherwise be "the newest record" and make all others old.
    if lonely.len() > 2 and lonely[-1] - lonely[-2] > 366 * _DAY:
        yield _counted(
            "data.future_dates",
            name,
            (times == lonely[-1]).fill_null(value=False),
            table,
            "row lies more than a year after all others",
        )


def _counted(
    check: str, subject: str, hit: pl.Series, table: pl.DataFrame, what: str, evidence: dict[str, Any] | None = None
) -> Finding:
    count = int(hit.sum())
    return Finding(
        check=check,
        subject=subject,
        verdict=Verdict.FAIL if count else Verdict.PASS,
        summary=f"{count:,} of {table.height:,} {what}.",
        measured=float(count),
        unit="rows",
        severity=Severity.NOTE if check in _NOTES else Severity.WARNING,
        evidence={"rows": table["row_key"].filter(hit).head(_SHOWN).to_list(), **(evidence or {})},
        remedy=_REMEDIES.get(check, "look at these rows") if count else "",
    )


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


_NOTES = frozenset(("data.charset", "data.mime", "data.keys"))
_REMEDIES = {
    "data.keys": "nothing, if rows need no key of their own: each got a unique one",
    "data.charset": "nothing, if few: text was read as UTF-8, else as Windows-1252",
    "data.mime": "nothing, if few: what could be read was",
    "data.timeliness": "get newer records, or declare a longer max_age",
    "data.dates": "nothing, if few: they are placed among the records of their own archive folder",
    "data.future_dates": "correct the clock or the dates at the source",
    "data.validity": "correct these values at their source, or widen the declared range",
}
