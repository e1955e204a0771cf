"""Any table, wherever it lies: a file, a folder, an address, a table with versions, a project. No project is needed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from msgspec import Struct, field

from roadworthy.data.history.store import History
from roadworthy.data.mails import mail_rows, mail_scales
from roadworthy.data.opening import open_data, recognise
from roadworthy.data.quality.look import Check
from roadworthy.data.source import Given, RawMail, RawTable, ReadSource
from roadworthy.data.typing import Inferred, type_table
from roadworthy.declare.data import Column
from roadworthy.kernel.catalogue import Catalogue
from roadworthy.kernel.errors import DataError, PlaceError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.ports import Progress
from roadworthy.kernel.records import SourceFile

_ROW = "row_key"
_MICRO = 1_000_000


class Table(Struct, frozen=True, kw_only=True):
    """A table that was read from somewhere.

    Attributes:
        name: as the user named it. kind: what it was read as.
        frame: typed values. texts: the cells as they were read; None where they had types.
        keys: where each row was found, as text.
        inferred: what each column measures.
        findings: what was noticed while reading and typing.
        bytes: of the files; 0 if they are no files of this machine.
    """

    name: str
    kind: str
    frame: pl.DataFrame
    keys: pl.Series
    inferred: dict[str, Inferred]
    texts: pl.DataFrame | None = None
    findings: list[Finding] = field(default_factory=list)
    bytes: int = 0

    @property
    def scales(self) -> dict[str, str]:
        """Column to scale."""
        return {name: one.scale for name, one in self.inferred.items()}


class Reading(Struct, frozen=True, kw_only=True):
    """What reading needs, chosen by the wiring.

    Attributes:
        sources, checks: built in and plugged in.
        home_of: where the table of a project lies; None if the folder is no project's.
        progress: told of long work.
    """

    sources: Catalogue[ReadSource]
    checks: Catalogue[Check]
    home_of: Callable[[Path], Path | None]
    progress: Progress

    def history(self, place: str) -> History:
        """The table with versions in a folder; for a project's folder that of what its runs read."""
        folder = Path(place)
        return History(self.home_of(folder) or folder)

    def table(
        self,
        place: str,
        *,
        kind: str | None = None,
        options: Mapping[str, Any] | None = None,
        columns: Mapping[str, Column] | None = None,
    ) -> Table:
        """Read and type a table.

        Args:
            place: a path, an address, or a version of a table such as `orders@3` or `orders@2026-05-04`.
            kind: of source; recognised by its content unless given.
            options: of that kind of source.
            columns: what is known of columns.

        Raises:
            PlaceError: if nothing lies there. SourceError, DataError: if it cannot be read as a table.
        """
        versioned = self._versioned(place)
        if versioned is not None:
            history, wanted = versioned
            return self._typed(place, "table", _Read.of(history.read(wanted), name=place), columns or {})
        if "://" not in place and not Path(place).exists():
            raise PlaceError(
                "nothing lies there", where=place, fix="name a file, a folder, an address or a table@version"
            )
        found = kind or recognise(Path(place)).kind if "://" not in place else kind
        read = _Read()
        for given in open_data(place, sources=self.sources, kind=kind, options=options, progress=self.progress):
            read.take(given)
        return self._typed(place, found or "address", read, columns or {})

    def _versioned(self, place: str) -> tuple[History, int | str | datetime | None] | None:
        """A table with versions, and which one is meant; None if the place is something else."""
        name, _, wanted = place.rpartition("@") if "@" in place and not Path(place).exists() else (place, "", "")
        history = self.history(name)
        if not history.exists:
            return None
        return history, _version(wanted)

    def _typed(self, place: str, kind: str, read: "_Read", columns: Mapping[str, Column]) -> Table:
        if not read.parts:
            raise DataError("there is no row in it", where=place, fix="look at what was noticed while reading it")
        raw, keys = read.whole()
        typed = type_table(raw, columns=columns, keys=keys)
        known = mail_scales() if read.mail else {}
        inferred = {
            name: Inferred(scale=known[name], reason="every mail has it", confidence=1.0) if name in known else one
            for name, one in typed.columns.items()
        }
        return Table(
            name=place,
            kind=kind,
            frame=typed.table.with_columns(_dated(typed.table, inferred)),
            texts=raw if any(kind == pl.String() for kind in raw.dtypes) else None,
            keys=keys,
            inferred=inferred,
            findings=[*read.findings, *typed.findings],
            bytes=_size(place) or read.bytes,
        )


class _Read:
    """Collects what a source gives."""

    def __init__(self) -> None:
        self.parts: list[pl.DataFrame] = []
        self.names: list[pl.Series] = []
        self.findings: list[Finding] = []
        self.mail: list[RawMail] = []
        self.bytes = 0

    @classmethod
    def of(cls, frame: pl.DataFrame, *, name: str) -> "_Read":
        """A table that is there already; its `row_key` names rows if it has one."""
        read = cls()
        read.parts.append(frame)
        read.names.append(frame[_ROW] if _ROW in frame.columns else RawTable(frame=frame, archive=name).row_names())
        return read

    def take(self, given: Given) -> None:
        """Keep one thing that a source gave."""
        if isinstance(given, Finding):
            self.findings.append(given)
        elif isinstance(given, SourceFile):
            self.bytes += given.bytes
        elif isinstance(given, RawMail):
            self.mail.append(given)
            if len(self.mail) == 1:
                self.parts.append(pl.DataFrame())
        else:
            self.parts.append(given.frame)
            self.names.append(given.row_names())

    def whole(self) -> tuple[pl.DataFrame, pl.Series]:
        """All rows and their names; names that repeat get a number."""
        if self.mail:
            frame = mail_rows(self.mail)
            names = pl.Series(_ROW, [f"{one.archive}/{one.member}" for one in self.mail])
        else:
            frame = pl.concat(self.parts, how="diagonal_relaxed", rechunk=True)
            names = pl.concat([one.alias(_ROW) for one in self.names])
        again = names.to_frame().select(pl.int_range(pl.len()).over(_ROW).alias("again"))["again"]
        return frame, names.zip_with(again == 0, names + "#" + (again + 1).cast(pl.String))


def _dated(frame: pl.DataFrame, inferred: Mapping[str, Inferred]) -> list[pl.Series]:
    """Times as timestamps, where they are seconds."""
    names = [name for name, one in inferred.items() if one.scale == "datetime" and frame.schema[name].is_numeric()]
    return [(frame[name] * _MICRO).cast(pl.Int64).cast(pl.Datetime("us", "UTC")) for name in names]


def _version(wanted: str) -> int | str | datetime | None:
    if not wanted:
        return None
    try:
        when = datetime.fromisoformat(wanted)
    except ValueError:
        return wanted
    if wanted.isdecimal():
        return wanted
    end = when.replace(hour=23, minute=59, second=59, microsecond=999_999) if len(wanted) == 10 else when
    return end if end.tzinfo else end.replace(tzinfo=UTC)


def _size(place: str) -> int:
    path = Path(place)
    if path.is_file():
        return path.stat().st_size
    return sum(one.stat().st_size for one in _files(path.rglob("*"))) if path.is_dir() else 0


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    return (path for path in paths if path.is_file() and not path.is_symlink())
