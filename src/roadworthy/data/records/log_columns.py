"""Columns out of the lines of a log, format by format."""

import json
from collections.abc import Callable, Mapping, Sequence

import polars as pl
from msgspec import Struct, field

from roadworthy.data.records.exact import DepthError, Exact
from roadworthy.data.records.flatten import Flattener
from roadworthy.data.records.log_formats import Format, groups, pairs_of
from roadworthy.data.records.log_times import in_utc, years_of
from roadworthy.data.records.parts import texts

_REQUEST = r"^(?P<method>[A-Z]{3,20}) (?P<path>\S+)(?: (?P<protocol>HTTP/\d(?:\.\d)?))?$"
_LINE = "#line"
_WEB = ("combined", "common")
_SYSLOG = ("rfc5424", "rfc3164")
_SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug")


class Made(Struct, frozen=True):
    """A table, how many of its times lack a year, and the lines whose time is not understood."""

    frame: pl.DataFrame
    no_year: int = 0
    no_time: list[int] = field(default_factory=list)


class LogColumns:
    """Turns records (`line`, `text`, `format`, `continued`) into columns, in the same order.

    A line that has several formats' columns missing has null there. `format` stands in a column of its own where
    several are written; `unmatched` holds the text of a line of none, `continued` the lines that go on with a record.
    """

    def __init__(self, formats: Sequence[Format], *, zone: str, year: int | None) -> None:
        self.formats = tuple(formats)
        self._zone, self._year = zone, year
        self._before = ""
        self._exact = Exact()

    def table(self, records: pl.DataFrame) -> Made:
        """One row for each record."""
        beside = records.select(
            pl.col("line").alias(_LINE),
            *([pl.col("format")] if len(self.formats) > 1 else []),
            pl.when(pl.col("format").is_null()).then(pl.col("text")).alias("unmatched"),
            pl.col("continued"),
        )
        made = [self._of(one, records.filter(pl.col("format") == one.name)) for one in self.formats]
        frames = [one.frame for one in made if one.frame.height]
        if frames:
            frame = beside.join(pl.concat(frames, how="diagonal"), on=_LINE, how="left", maintain_order="left")
        else:
            frame = beside
        empty = [name for name in ("unmatched", "continued") if frame[name].null_count() == frame.height]
        lines = [line for one in made for line in one.no_time]
        return Made(frame.drop(_LINE, *empty), sum(one.no_year for one in made), lines)

    def _of(self, one: Format, records: pl.DataFrame) -> Made:
        found = groups(records["text"], one.pattern) if records.height else pl.DataFrame()
        if one.absent:
            found = found.with_columns(pl.when(pl.all() != one.absent).then(pl.all()).name.keep())
        if one.name == "json":
            found = self._rows(found["json"], self._json) if found.width else found
        elif one.name == "logfmt":
            found = self._rows(found["pairs"], pairs_of) if found.width else found
        elif one.name in _WEB and found.width:
            found = found.with_columns(groups(found["request"], _REQUEST))
        elif one.name in _SYSLOG and found.width:
            found = _syslog(found)
        if one.name != "pattern" and "message" in found.columns:
            found = self._inside(found)
        if "time" not in found.columns:
            return Made(_beside(found, records))
        return self._timed(one, found, records)

    def _timed(self, one: Format, found: pl.DataFrame, records: pl.DataFrame) -> Made:
        """Times in UTC; one that is not understood stays as it is written."""
        written = found["time"]
        no_year = 0
        if one.name == "rfc3164":
            if self._year is None:
                return Made(_beside(found, records), no_year=written.len() - written.null_count())
            written = self._with_year(written)
        utc = in_utc(written, self._zone)
        bad = utc.is_null() & written.is_not_null()
        lines = records["line"].filter(bad).to_list() if one.name != "pattern" else []
        kept = pl.select(pl.coalesce(utc, found["time"]).alias("time")).to_series()
        return Made(_beside(found.with_columns(kept), records), no_year, lines)

    def _with_year(self, written: pl.Series) -> pl.Series:
        whole = pl.concat([pl.Series(written.name, [self._before or None], dtype=pl.String), written])
        dated = years_of(whole, self._year or 0)
        if written.len():
            self._before, last = written[-1], dated[-1]
            self._year = int(last[:4]) if last else self._year
        return dated.slice(1)

    def _rows(self, lines: pl.Series, read: Callable[[str], Mapping[str, str | None]]) -> pl.DataFrame:
        rows = [read(text) for text in lines.to_list()]
        names = dict.fromkeys(name for row in rows for name in row)
        return pl.DataFrame([texts(_renamed(name), [row.get(name) for row in rows]) for name in names])

    def _inside(self, found: pl.DataFrame) -> pl.DataFrame:
        """Messages that are JSON objects taken apart too, into `message.key`; the message stays as it is."""
        message = found["message"].str.strip_chars()
        held = (message.str.starts_with("{") & message.str.ends_with("}")).fill_null(value=False)
        if not held.any():
            return found
        read = [self._json(text) if is_json else {} for text, is_json in zip(message, held, strict=True)]
        names = dict.fromkeys(name for row in read for name in row if name != "json")
        columns = [texts(f"message.{name}", [row.get(name) for row in read]) for name in names]
        return found.with_columns(columns)

    def _json(self, text: str) -> Mapping[str, str | None]:
        try:
            value, _ = self._exact.decode(text.strip(), 0)
            return Flattener().row(value, "")
        except (json.JSONDecodeError, DepthError):
            return {"json": text}


def _renamed(name: str) -> str:
    """`format`, `unmatched` and `continued` are columns of the log itself."""
    return f"{name}#2" if name in ("format", "unmatched", "continued") else name


def _beside(found: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """The columns with the line that each row came from."""
    kept = found.rename({name: _renamed(name) for name in found.columns})
    lines = records["line"].alias(_LINE)
    return kept.with_columns(lines) if kept.width else lines.clear().to_frame()


def _syslog(found: pl.DataFrame) -> pl.DataFrame:
    """The priority taken apart: eight times the facility, plus the severity (RFC 5424, 6.2.1)."""
    number = pl.col("priority").cast(pl.Int64, strict=False)
    names = pl.Series(_SEVERITIES)
    return found.with_columns(
        facility=(number // 8).cast(pl.String),
        severity=(number % 8).replace_strict(dict(enumerate(names)), default=None, return_dtype=pl.String),
    )
