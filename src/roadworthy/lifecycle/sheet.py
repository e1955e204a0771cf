"""What is said of a data set in public, written from evidence: a datasheet and a Croissant record."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import polars as pl
from msgspec import Struct

from roadworthy.data.snapshot import rows_id
from roadworthy.data.writing import write_table
from roadworthy.declare.declaration import Declaration
from roadworthy.documents.croissant import croissant
from roadworthy.documents.dataset import DataFacts, DataFile
from roadworthy.documents.datasheet import datasheet
from roadworthy.kernel.files import write_atomically
from roadworthy.kernel.fingerprint import sha256_file
from roadworthy.kernel.records import SourceFile
from roadworthy.lifecycle.portrait import Looked

_ENCODINGS: Mapping[str, str] = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
    ".parquet": "application/vnd.apache.parquet",
    ".zip": "application/zip",
    ".gz": "application/gzip",
    ".tar": "application/x-tar",
}
_TABLE = "rows.parquet"


class Sheets(Struct, frozen=True, kw_only=True):
    """The files that were written."""

    datasheet: str
    croissant: str
    table: str


def write_sheets(
    looked: Looked, folder: Path, *, declaration: Declaration | None, raw: list[SourceFile], at: datetime
) -> Sheets:
    """Write `datasheet.md`, `croissant.json` and the rows they speak of into a folder.

    Args:
        looked: the table at first sight.
        declaration: of the project that the table belongs to, if any; what nobody declared is said to be so.
        raw: files that the rows were read from.
        at: when this version was made.
    """
    frame = looked.table.frame
    table = folder / _TABLE
    write_table(frame, table)
    facts = _facts(looked, _file(table), declaration=declaration, raw=raw, at=at)
    places = Sheets(datasheet=str(folder / "datasheet.md"), croissant=str(folder / "croissant.json"), table=str(table))
    write_atomically(Path(places.datasheet), datasheet(facts).encode())
    write_atomically(Path(places.croissant), msgspec.json.format(msgspec.json.encode(croissant(facts)), indent=2))
    return places


def _facts(
    looked: Looked, table: DataFile, *, declaration: Declaration | None, raw: list[SourceFile], at: datetime
) -> DataFacts:
    frame = looked.table.frame
    bare = DataFacts(
        name=Path(looked.table.name).name or looked.table.name,
        version=rows_id(frame),
        at=at.astimezone(UTC).isoformat(timespec="seconds"),
        portrait=looked.portrait,
        raw=[DataFile(name=one.path, bytes=one.bytes, sha256=one.sha256, encoding=_encoding(one.path)) for one in raw],
        table=table,
    )
    return bare if declaration is None else _declared(bare, declaration, frame)


def _declared(bare: DataFacts, declaration: Declaration, frame: pl.DataFrame) -> DataFacts:
    problem, data = declaration.problem, declaration.data
    return msgspec.structs.replace(
        bare,
        name=problem.name,
        need=problem.need,
        unit=problem.unit,
        target=problem.target,
        owner=problem.owner,
        licences=list(dict.fromkeys(source.licence for source in data.sources if source.licence)),
        consents=list(dict.fromkeys(source.consent for source in data.sources if source.consent)),
        pseudonymised=[str(name) for name in data.pseudonymise],
        derived=dict(data.derive),
        protected=list(problem.protected),
        period=_period(frame, "time" if "raw_sha256" in frame.columns else data.time),
    )


def _period(frame: pl.DataFrame, name: str) -> tuple[str, str] | None:
    if name not in frame.columns or frame[name].null_count() == frame.height:
        return None
    times = frame[name]
    if times.dtype.is_numeric():
        times = (times * 1e6).cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
    low, high = times.min(), times.max()
    return (str(low)[:10], str(high)[:10]) if times.dtype.is_temporal() else None


def _file(path: Path) -> DataFile:
    return DataFile(name=path.name, bytes=path.stat().st_size, sha256=sha256_file(path), encoding=_encoding(path.name))


def _encoding(name: str) -> str:
    return _ENCODINGS.get(Path(name).suffix.lower(), "application/octet-stream")
