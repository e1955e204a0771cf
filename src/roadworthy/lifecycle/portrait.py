"""A table at first sight: profile, scales, quality, what goes together, some rows. No project is needed."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from msgspec import Struct

from roadworthy.data.profiling.profiling import profile_table
from roadworthy.data.quality.card import ScoreCard, score_card, worst_first
from roadworthy.data.quality.look import Look, Seen, look_with
from roadworthy.data.typing import Inferred
from roadworthy.declare.data import Data
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.portrait import (
    Absence,
    Bin,
    ColumnPortrait,
    DimensionScore,
    PatternCount,
    Related,
    Suspect,
    TablePortrait,
    ValueCount,
)
from roadworthy.kernel.scales import Operation, allows
from roadworthy.lifecycle.reading import Reading, Table
from roadworthy.measures.profile import ColumnProfile, Profile
from roadworthy.measures.profile.association import associations, missing_together

_BINS = 32
_TOP = 10
_SAMPLE = 8
_SUSPECTS = 200
_LONGEST = 120
_QUANTILES = (("p5", 0.05), ("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p95", 0.95))
_PERSONAL = "data.personal"
_WIDE = 60
_PAIRS = 120
_CLEAR = 0.3


class Looked(Struct, frozen=True, kw_only=True):
    """A table that was looked at: the portrait, and what it was drawn from."""

    portrait: TablePortrait
    table: Table
    profile: Profile
    look: Look
    seen: Seen


def look_at(
    reading: Reading, place: str, *, kind: str | None = None, options: Mapping[str, Any] | None = None
) -> Looked:
    """Read, profile and check whatever lies at a place.

    Args:
        place, kind, options: see `Reading.table`.
    """
    return portray(reading, reading.table(place, kind=kind, options=options))


def portray(reading: Reading, table: Table, *, data: Data | None = None) -> Looked:
    """Profile and check a table that was read.

    Args:
        data: what was declared of it, if anything.
    """
    reading.progress.begin("profile")
    profile = profile_table(table.frame, keys=table.keys).with_scales(table.scales)
    reading.progress.end()
    look = Look(
        table=table.frame,
        keys=table.keys,
        scales=table.scales,
        texts=table.texts,
        data=data or Data(sources=()),
        progress=reading.progress,
    )
    seen = look_with(reading.checks, look)
    findings = worst_first([*table.findings, *seen.findings])
    return Looked(
        portrait=_portrait(table, profile, findings, seen.suspects, card=score_card(look, findings, seen.suspects)),
        table=table,
        profile=profile,
        look=look,
        seen=seen,
    )


def _portrait(
    table: Table, profile: Profile, findings: list[Finding], suspects: pl.DataFrame, *, card: ScoreCard
) -> TablePortrait:
    personal = {one.subject for one in findings if one.check.startswith(_PERSONAL) and one.verdict is not Verdict.PASS}
    counted: dict[str, int] = dict(suspects.group_by("column").len().iter_rows())
    return TablePortrait(
        name=Path(table.name).name or table.name,
        kind=table.kind,
        rows=profile.rows,
        columns=[
            _column(profile[name], table.inferred[name], masked=name in personal, suspects=counted.get(name, 0))
            for name in table.frame.columns
        ],
        bytes=table.bytes,
        sampled=len(profile.sample),
        repeated=profile.duplicates.value / profile.rows if profile.rows else 0.0,
        scores=_scores(card),
        findings=findings,
        suspects=_suspects(suspects, table.keys),
        suspected=suspects.select("row", "column").n_unique(),
        related=[Related(first=a, second=b, strength=value, kind=kind) for a, b, value, kind in _related(profile)],
        absences=[Absence(list(one.columns), one.rows) for one in missing_together(profile)[:_TOP] if one.columns],
        sample=_sample(table.frame, personal),
    )


def _related(profile: Profile) -> list[tuple[str, str, float, str]]:
    """Pairs of columns that go together clearly; of wide tables nobody could look at all pairs."""
    if len(profile.columns) > _WIDE:
        return []
    strong = [one for one in associations(profile) if abs(one.value) >= _CLEAR]
    return [(one.first, one.second, one.value, one.measure) for one in strong[:_PAIRS]]


def _scores(card: ScoreCard) -> list[DimensionScore]:
    return [
        DimensionScore(
            dimension=str(one.dimension),
            score=one.score,
            low=one.interval.low if one.interval else one.score,
            high=one.interval.high if one.interval else one.score,
            breaches=one.breached,
            worst=one.subjects[0].subject if one.subjects else "",
        )
        for one in card.dimensions
        if one.score is not None
    ]


def _column(profile: ColumnProfile, inferred: Inferred, *, masked: bool, suspects: int) -> ColumnPortrait:
    distinct = profile.distinct
    return ColumnPortrait(
        name=profile.name,
        type=profile.kind,
        scale=inferred.scale,
        reason=inferred.reason,
        confidence=inferred.confidence,
        rows=profile.rows,
        missing=profile.nulls + profile.nan,
        distinct=round(distinct.value),
        exact=distinct.exact,
        numbers=_numbers(profile),
        bins=_bins(profile),
        top=[] if masked else [ValueCount(told(one.value), one.rows) for one in profile.top(_TOP)],
        lengths=_lengths(profile),
        patterns=[] if masked else [_pattern(one) for one in profile.patterns(_TOP)],
        masked=masked,
        suspects=suspects,
    )


def _numbers(profile: ColumnProfile) -> dict[str, str]:
    """The figures that the scale allows, as people read them."""
    found: dict[str, str] = {}
    if profile.kind in ("text", "nested", "bytes", "mixed", "empty") or not allows(profile.scale, Operation.QUANTILE):
        return found
    asked: list[tuple[str, Any]] = [("min", profile.min), *((name, profile.quantile(q)) for name, q in _QUANTILES)]
    asked.append(("max", profile.max))
    if allows(profile.scale, Operation.MEAN):
        asked.append(("mean", profile.mean))
    if allows(profile.scale, Operation.VARIANCE) and profile.kind in ("number", "integer"):
        asked.append(("standard deviation", profile.deviation))
    return {name: told(value) for name, value in asked if value is not None}


def _bins(profile: ColumnProfile) -> list[Bin]:
    if profile.kind in ("text", "nested", "bytes", "mixed", "empty") or not allows(profile.scale, Operation.HISTOGRAM):
        return []
    found = profile.histogram(_BINS)
    return [Bin(told(one.low), told(one.high), one.rows) for one in found.bins] if found else []


def _lengths(profile: ColumnProfile) -> tuple[int, float, int] | None:
    lengths = profile.lengths
    if lengths is None or lengths.min is None or lengths.max is None or not isinstance(lengths.mean, float):
        return None
    return int(lengths.min), lengths.mean, int(lengths.max)  # type: ignore[arg-type]  # lengths are whole numbers


def _pattern(one: Any) -> PatternCount:
    return PatternCount(_short(one.pattern), one.rows, _short(one.example))


def _suspects(suspects: pl.DataFrame, keys: pl.Series) -> list[Suspect]:
    """The likeliest; a cell is told once, and the same value of a column once, with its rows."""
    cells = suspects.unique(["row", "column"], keep="first", maintain_order=True)
    alike = cells.group_by("column", "value", "proposal", "check", maintain_order=True).agg(
        pl.col("row").first(), pl.col("likelihood").first(), pl.col("reason").first(), pl.len().alias("rows")
    )
    return [_suspect(row, keys) for row in alike.head(_SUSPECTS).iter_rows(named=True)]


def _suspect(row: dict[str, Any], keys: pl.Series) -> Suspect:
    return Suspect(
        row=str(keys[row["row"]]),
        column=row["column"],
        value=None if row["value"] is None else _short(row["value"]),
        proposal=None if row["proposal"] is None else _short(row["proposal"]),
        likelihood=row["likelihood"],
        reason=row["reason"],
        rows=row["rows"],
    )


def _sample(frame: pl.DataFrame, personal: set[str]) -> list[list[str | None]]:
    """Rows spread evenly over the table."""
    if frame.is_empty():
        return []
    step = max(1, frame.height // _SAMPLE)
    rows = frame.gather_every(step).head(_SAMPLE)
    return [
        [
            None if value is None else "(kept back)" if name in personal else told(value)
            for name, value in zip(rows.columns, row, strict=True)
        ]
        for row in rows.iter_rows()
    ]


def told(value: Any) -> str:
    """A value as people read it: few digits, short texts, times without what is zero.

    >>> told(1234567.891), told(0.1234567), told(12), told(datetime(2026, 5, 4))
    ('1,234,568', '0.1235', '12', '2026-05-04')
    """
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
        return text.removesuffix(" 00:00:00")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return _short(str(value))


def _number(value: float) -> str:
    if value == round(value) and abs(value) < 1e15:
        return f"{value:.0f}" if abs(value) < 10_000 else f"{value:,.0f}"
    return f"{value:,.0f}" if 10_000 <= abs(value) < 1e15 else f"{value:.4g}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
