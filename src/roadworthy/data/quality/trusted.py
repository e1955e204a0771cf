"""Accuracy by cross-check: rows held against a table that is trusted, key by key."""

from pathlib import Path

import polars as pl

from roadworthy.data.contract.beside import read_beside
from roadworthy.data.quality.breaches import SHOWN
from roadworthy.data.quality.look import SUSPECTS, Look, Seen
from roadworthy.data.scales import seconds
from roadworthy.declare.data import Trusted
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.finding import Finding, Severity
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.units import plural
from roadworthy.measures.judging import share_finding
from roadworthy.measures.spelling import similarity

_CERTAIN = 0.99
_ROUNDING = 1e-9
_LONGEST = 200


def trusted(look: Look) -> Seen:
    """The error rate of each column that the trusted table holds too, with its interval; every wrong cell is a suspect.

    Numbers are equal within the declared tolerance, times to the second, texts letter by letter or, where declared, by
    their least similarity. A value that the trusted table does not know judges nothing; one that it knows and we miss
    is an error.

    Raises:
        SourceError: if the trusted table cannot be read.
        DataError: if a table lacks the key, or they share no other column.
    """
    declared = look.data.trusted
    if declared is None:
        return Seen()
    theirs = read_beside(Path(look.folder) / declared.path)
    ours, key = look.table, declared.key or look.data.key
    for name, columns in ((declared.path, theirs.columns), ("the data", ours.columns)):
        if key not in columns:
            raise DataError(
                f"there is no key {key!r} in {name}", where="[data.trusted]", fix=did_you_mean(key, columns)
            )
    common = [name for name in theirs.columns if name in ours.columns and name != key]
    if not common:
        raise DataError("the trusted table shares no column with the data", where=declared.path, fix="name them alike")
    pairs = _matched(look.text(key), theirs[key])
    seen = [_compared(name, look, theirs, pairs, declared) for name in common]
    return Seen(
        findings=[_keys(look.text(key), theirs[key], pairs, declared), *(finding for finding, _ in seen)],
        suspects=pl.concat([cells for _, cells in seen]) if seen else pl.DataFrame(schema=SUSPECTS),
    )


def _matched(ours: pl.Series, theirs: pl.Series) -> pl.DataFrame:
    """Positions of the same record here and there; a key that stands twice on either side names none."""
    sides = []
    for name, keys in (("row", ours), ("other", theirs)):
        frame = pl.DataFrame({"key": keys, name: pl.int_range(keys.len(), dtype=pl.UInt32, eager=True)}).drop_nulls()
        sides.append(frame.filter(~pl.col("key").is_duplicated()))
    return sides[0].join(sides[1], on="key", how="inner").sort("row").select("row", "other")


def _keys(ours: pl.Series, theirs: pl.Series, pairs: pl.DataFrame, declared: Trusted) -> Finding:
    """How many records of the trusted table are found; those that are not are missing here, or their key is wrong."""
    lost = sorted(set(theirs.drop_nulls().to_list()) - set(ours.drop_nulls().to_list()))
    twice = int(theirs.drop_nulls().is_duplicated().sum()) + int(ours.drop_nulls().is_duplicated().sum())
    beside = f"; {plural(twice, 'row')} share their key with another and are not compared" if twice else ""
    return Finding(
        check="data.accuracy.keys",
        subject=declared.path,
        verdict=Verdict.FAIL if lost or not pairs.height else Verdict.PASS,
        summary=f"{pairs.height:,} of {plural(theirs.len(), 'trusted record')} are compared; "
        f"{len(lost):,} are not among the data{beside}.",
        measured=float(len(lost)),
        unit="records",
        evidence={"keys": lost[:SHOWN], "compared": pairs.height, "ours_alone": ours.len() - pairs.height},
        remedy="look for these records at the source, or for a mistake in their key" if lost else "",
    )


def _compared(
    name: str, look: Look, theirs: pl.DataFrame, pairs: pl.DataFrame, declared: Trusted
) -> tuple[Finding, pl.DataFrame]:
    """One column: its error rate, and its wrong cells with what they should be."""
    right = theirs[name].gather(pairs["other"])
    text, value = look.text(name).gather(pairs["row"]), look.table[name].gather(pairs["row"])
    known = right.is_not_null()
    wrong = known & ~_equal(value, text, right, declared=declared)
    rows = pairs["row"].filter(wrong)
    finding = share_finding(
        "data.accuracy",
        name,
        hits=rows.len(),
        trials=int(known.sum()),
        limit=declared.max_error,
        summary_noun=f"share of wrong values of {name}",
        rows_noun="record",
        severity=Severity.WARNING,
        remedy="correct these cells, or find out why the trusted table differs",
        evidence={
            "rows": look.keys.gather(rows).head(SHOWN).to_list(),
            "values": text.filter(wrong).head(SHOWN).str.slice(0, _LONGEST).to_list(),
            "trusted": right.filter(wrong).head(SHOWN).str.slice(0, _LONGEST).to_list(),
        },
    )
    cells = pl.DataFrame(
        {
            "row": rows,
            "column": pl.Series([name] * rows.len(), dtype=pl.String),
            "value": text.filter(wrong),
            "check": pl.Series(["data.accuracy"] * rows.len(), dtype=pl.String),
            "likelihood": pl.Series([_CERTAIN] * rows.len(), dtype=pl.Float64),
            "proposal": right.filter(wrong),
            "reason": pl.Series([f"{declared.path} says otherwise"] * rows.len(), dtype=pl.String),
        },
        schema=SUSPECTS,
    )
    return finding, cells


def _equal(value: pl.Series, text: pl.Series, right: pl.Series, *, declared: Trusted) -> pl.Series:
    """A truth for each pair; what is missing here equals nothing."""
    name = value.name
    same = (text.str.strip_chars() == right).fill_null(value=False)
    if value.dtype == pl.String:
        same = same | (value.str.strip_chars() == right).fill_null(value=False)
    if value.dtype.is_numeric():
        number = right.cast(pl.Float64, strict=False)
        number = number if number.null_count() <= right.null_count() else seconds(right)
        gap, size = (value.cast(pl.Float64) - number).abs(), number.abs()
        return same | (gap <= declared.tolerance.get(name, 0.0) + _ROUNDING * size).fill_null(value=False)
    least = declared.fuzzy.get(name)
    if least is None:
        return same
    alike = [
        one or (ours is not None and theirs is not None and similarity(ours.casefold(), theirs.casefold()) >= least)
        for one, ours, theirs in zip(same.to_list(), text.to_list(), right.to_list(), strict=True)
    ]
    return pl.Series(alike, dtype=pl.Boolean)
