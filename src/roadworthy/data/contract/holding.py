"""A table held against a contract: which values break which clause, and whether that is more than chance."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from msgspec import Struct

from roadworthy.data.contract.beside import read_beside
from roadworthy.data.contract.columns import Seen, in_seconds, seen, text_of, type_of
from roadworthy.data.contract.patterns import follows
from roadworthy.data.contract.terms import Contract, Evidence, Reference, Terms
from roadworthy.data.expressions import compile_expression
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.measures.checksums import CHECKSUMS
from roadworthy.measures.unseen import chance_of_more

_CHANCE = 0.01
_TRUTHS = ("true", "false", "1", "0")


class Breach(Struct, frozen=True, kw_only=True, eq=False):
    """What one clause found in one table.

    Attributes:
        column: of the table; columns of a key joined by ` + `; the name of a rule.
        clause: `type`, `required`, ..., `key`, `rule`.
        said: what it asks.
        rows: a truth for each row, true where it is broken.
        judged: values that could be judged.
        evidence: of the clause, if it was inferred.
    """

    column: str
    clause: str
    said: Any
    rows: pl.Series
    judged: int
    evidence: Evidence | None = None

    @property
    def count(self) -> int:
        """Rows that break it."""
        return int(self.rows.sum())

    @property
    def fails(self) -> bool:
        """Whether more break it than its own risk foresees (one chance in a hundred); without evidence, any."""
        foreseen = self.evidence.risk if self.evidence else 0.0
        if not self.count or not foreseen:
            return bool(self.count)
        return chance_of_more(self.count, self.judged, share=foreseen) < _CHANCE


class Held(Struct, frozen=True, kw_only=True, eq=False):
    """All that a contract says of a table: every clause, columns that are absent, columns that it does not know."""

    clauses: list[Breach]
    absent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def broken(self) -> list[Breach]:
        """The clauses that some row breaks, foreseen or not."""
        return [clause for clause in self.clauses if clause.count]


def hold(contract: Contract, frame: pl.DataFrame, *, texts: pl.DataFrame | None = None, folder: str = ".") -> Held:
    """Every clause of a contract on every row.

    Args:
        frame: the table, typed or all text.
        texts: the cells as they were read, where they were kept.
        folder: where reference tables are looked for.

    Raises:
        DataError: if a rule cannot be read, or a reference table or a checksum is not there.

    >>> held = hold(Contract(columns={"a": Terms(max=3)}), pl.DataFrame({"a": [1, 2, 9]}))
    >>> held.clauses[0].count, held.clauses[0].fails
    (1, True)
    """
    absent = tuple(name for name in contract.columns if name not in frame.columns)
    columns = {
        name: seen(frame, name, terms.type or _read_as(frame, name, terms, texts), texts=texts)
        for name, terms in contract.columns.items()
        if name not in absent
    }
    clauses = [
        _breach(columns[name], clause, said, evidence=evidence, folder=folder)
        for name, clause, said, evidence in contract.clauses()
        if name in columns
    ]
    known = {*contract.columns, "row_key"}
    return Held(
        clauses=[*clauses, *_keys(contract, frame, texts), *_rules(contract, in_seconds(frame))],
        absent=tuple(name for name in absent if name not in contract.optional),
        unknown=tuple(name for name in frame.columns if name not in known) if contract.closed else (),
    )


def broken(column: Seen, clause: str, said: Any, *, folder: str = ".") -> pl.Series:
    """A truth for each row: whether its value breaks the clause. A missing value breaks `required` alone.

    Raises:
        DataError: if a reference table or a checksum is not there.
    """
    tests: dict[str, Callable[[], pl.Series]] = {
        "type": partial(_untyped, column),
        "required": lambda: column.missing,
        "unique": lambda: ~column.canonical.is_first_distinct() & ~column.missing,
        "range": lambda: _outside(column, *said),
        "values": lambda: ~column.canonical.is_in(list(said)),
        "length": lambda: _too_long_or_short(column.text, *said),
        "pattern": lambda: ~follows(column.text, said),
        "checksum": lambda: _miscounted(column.text, said),
        "reference": lambda: _dangling(column.text, said, folder),
    }
    return tests[clause]().fill_null(value=False).alias(column.name)


def _breach(column: Seen, clause: str, said: Any, *, evidence: Evidence | None, folder: str) -> Breach:
    rows = broken(column, clause, said, folder=folder)
    judged = column.rows if clause == "required" else column.present
    return Breach(column=column.name, clause=clause, said=said, rows=rows, judged=max(judged, 1), evidence=evidence)


def _read_as(frame: pl.DataFrame, name: str, terms: Terms, texts: pl.DataFrame | None) -> Any:
    """The type of a column whose type nobody promised: what its bounds need, else what it looks like."""
    if isinstance(terms.min, str) or isinstance(terms.max, str):
        return "datetime"
    if terms.says("range") is not None:
        return "number"
    return type_of(frame, name, scales={}, texts=texts) if terms.values else "text"


def _untyped(column: Seen) -> pl.Series:
    if column.number is not None:
        return ~column.missing & column.number.is_null()
    if column.type == "boolean":
        return ~column.canonical.is_in(_TRUTHS)
    return pl.Series(column.name, [False]).new_from_index(0, column.rows)


def _outside(column: Seen, low: float | str | None, high: float | str | None) -> pl.Series:
    if column.number is None:
        raise DataError(
            f"{column.name!r} has bounds, but is {column.type or 'of no type'}",
            where=f"contract, column {column.name!r}",
            fix='bounds belong to type "integer", "number", "date" or "datetime"',
        )
    out = pl.Series([False]).new_from_index(0, column.rows)
    if low is not None:
        out = out | (column.number < _bound(low, column.name)).fill_null(value=False)
    if high is not None:
        out = out | (column.number > _bound(high, column.name)).fill_null(value=False)
    return out


def _bound(bound: float | str, name: str) -> float:
    """A bound as a number; a date as UTC seconds."""
    if not isinstance(bound, str):
        return float(bound)
    try:
        moment = datetime.fromisoformat(bound)
    except ValueError as err:
        raise DataError(
            f"{bound!r} is no date", where=f"contract, column {name!r}", fix='write it as "2026-01-31"'
        ) from err
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _too_long_or_short(texts: pl.Series, least: int | None, most: int | None) -> pl.Series:
    lengths = texts.str.len_chars()
    out = lengths < (least or 0)
    return out if most is None else out | (lengths > most)


def _miscounted(texts: pl.Series, kind: str) -> pl.Series:
    if kind not in CHECKSUMS:
        raise DataError(f"there is no checksum {kind!r}", where="contract", fix=did_you_mean(kind, CHECKSUMS))
    values = texts.drop_nulls().unique()
    wrong = [value for value in values.to_list() if not CHECKSUMS[kind](value)]
    return texts.is_in(wrong)


def _dangling(texts: pl.Series, reference: Reference, folder: str) -> pl.Series:
    """Values that the other table does not hold."""
    other = read_beside(Path(folder) / reference.path)
    if reference.column not in other.columns:
        raise DataError(
            f"there is no column {reference.column!r}",
            where=reference.path,
            fix=did_you_mean(reference.column, other.columns),
        )
    return ~texts.is_in(other[reference.column].drop_nulls().unique().to_list())


def _keys(contract: Contract, frame: pl.DataFrame, texts: pl.DataFrame | None) -> list[Breach]:
    found = []
    for key in contract.keys:
        if not set(key.columns) <= set(frame.columns):
            continue
        parts = pl.DataFrame([text_of(frame, name, texts).alias(name) for name in key.columns])
        whole = ~parts.select(pl.any_horizontal(pl.all().is_null()).alias("gap"))["gap"]
        first = parts.select(pl.struct(pl.all()).is_first_distinct().alias("first"))["first"]
        found.append(
            Breach(
                column=" + ".join(key.columns),
                clause="key",
                said=key.columns,
                rows=~first & whole,
                judged=max(int(whole.sum()), 1),
                evidence=key.evidence,
            )
        )
    return found


def _rules(contract: Contract, frame: pl.DataFrame) -> list[Breach]:
    found = []
    for name, rule in contract.rules.items():
        where = f"contract, rule {name}"
        compiled = compile_expression(rule.rule, frame.schema, where=where)
        if compiled.kind != "truth":
            raise DataError(f"the rule gives a {compiled.kind}, not a truth", where=where, fix="compare something")
        kept = frame.select(compiled.expr.alias("kept"))["kept"]
        found.append(
            Breach(
                column=name,
                clause="rule",
                said=rule.rule,
                rows=(~kept).fill_null(value=False),
                judged=max(kept.len() - kept.null_count(), 1),
                evidence=rule.evidence,
            )
        )
    return found
