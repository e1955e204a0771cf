"""A table with all its versions, as a Delta Lake table: readable by polars, DuckDB, Spark and others.

A version is never changed. It is named by its content: the address of the rows that each commit brought, since the last
one that replaced all. Writers at the same time both succeed. A transaction id makes a retried append harmless: the same
id is taken once.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal

import msgspec
import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from msgspec import Struct, field

from roadworthy.data.history.stored import restored, stored
from roadworthy.data.snapshot import rows_id
from roadworthy.kernel.errors import DataError
from roadworthy.kernel.files import explained
from roadworthy.kernel.fingerprint import fingerprint

Mode = Literal["append", "replace"]
_META = "roadworthy"
_KEPT = {
    # Delta clears its log after 30 days by itself; here nothing goes unless somebody asks.
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.enableExpiredLogCleanup": "false",
}
_PACKED = WriterProperties(compression="ZSTD")
_TRIES = 30
_SHORTEST = 4


class Version(Struct, frozen=True, kw_only=True):
    """One state of a table.

    Attributes:
        number: 0 for the first, one more for each commit.
        id: content address: equal rows brought in equal parts have equal ids, on every machine.
        at: ISO time (UTC) of the commit.
        mode: append or replace; `clear` and the like for commits that changed no row.
        rows: rows that this commit brought.
        total: rows of the table in this version.
        note: what the writer said.
        transaction: the writer's id for this commit; empty if none was given.
        lineage: what the rows were made from.
    """

    number: int
    id: str
    at: str
    mode: str
    rows: int
    total: int
    note: str = ""
    transaction: str = ""
    lineage: dict[str, Any] = field(default_factory=dict)


class _Said(Struct, frozen=True, kw_only=True):
    """What a commit of ours carries beside Delta's own entries."""

    nonce: str
    part: str
    rows: int
    mode: Mode
    note: str = ""
    transaction: str = ""
    lineage: dict[str, Any] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)


class History:
    """One table in a folder, opened anew for every call: what others committed is seen.

    >>> import tempfile
    >>> history = History(Path(tempfile.mkdtemp()) / "orders")
    >>> first = history.commit(pl.DataFrame({"n": [1, 2]}), mode="append", transaction="monday")
    >>> again = history.commit(pl.DataFrame({"n": [1, 2]}), mode="append", transaction="monday")
    >>> first.number == again.number, history.read().height
    (True, 2)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def exists(self) -> bool:
        """Whether a version was ever committed."""
        return (self.folder / "_delta_log").is_dir()

    def commit(
        self,
        frame: pl.DataFrame,
        *,
        mode: Mode = "append",
        note: str = "",
        transaction: str = "",
        lineage: dict[str, Any] | None = None,
    ) -> Version:
        """Add rows, or put them in the place of all others, as one new version; all of it or nothing.

        Args:
            frame: the rows; on `append` with the columns of the table, new columns may come.
            note: for the reader of the log.
            transaction: an id of this commit; if the table took it before, that version is returned and nothing is
                written, so that a writer that was killed may simply try again.
            lineage: what the rows were made from, as JSON.

        Raises:
            DataError: if a column has another type than the table's, or other writers did not let us through.
            PlaceError: if the folder cannot be written or the disk is full; nothing is half-written.
        """
        self._demand(frame)
        kept, types = stored(frame)
        if mode == "append" and self.exists:
            self._demand_types(frame, kept, types)
        said = _Said(
            nonce=token_hex(8),
            part=rows_id(frame),
            rows=frame.height,
            mode=mode,
            note=note,
            transaction=transaction,
            lineage=lineage or {},
            types=types,
        )
        for _ in range(_TRIES):
            table = self._open() if self.exists else None
            if table is not None and transaction and table.transaction_version(transaction) is not None:
                return self._where(transaction=transaction)
            if self._written(table, kept, said):
                return self._where(nonce=said.nonce)
        raise DataError(
            "other writers were faster each time; nothing was written", where=str(self.folder), fix="try again later"
        )

    def versions(self) -> list[Version]:
        """All versions, oldest first; empty where there is no table yet."""
        return self._versions(self._open()) if self.exists else []

    def version(self, wanted: int | str | datetime | None = None) -> Version:
        """A version by its number, the beginning of its id, or the time at which it held; the newest by default.

        Raises:
            DataError: if there is none, or the beginning fits several.
        """
        every = self.versions()
        if not every:
            raise DataError("there is no such table", where=str(self.folder), fix="commit some rows first")
        found = every[-1:] if wanted is None else _matching(every, wanted)
        if not found:
            raise DataError(
                f"there is no version {wanted}",
                where=str(self.folder),
                fix=f"versions are 0 to {every[-1].number}; the first is of {every[0].at}",
            )
        return found[-1]

    def read(self, wanted: int | str | datetime | None = None) -> pl.DataFrame:
        """The rows of a version, as they were.

        Raises:
            DataError: if there is no such version, or it was cleared away.
        """
        version = self.version(wanted)
        try:
            frame = pl.read_delta(str(self.folder), version=version.number)
        except (DeltaError, OSError, pl.exceptions.PolarsError) as err:
            raise DataError(
                f"version {version.number} can no longer be read: {str(err).splitlines()[0]}",
                where=str(self.folder),
                fix="it was cleared away, or files of the table were removed; read a newer version",
            ) from err
        return restored(frame, self._types(version.number))

    def clear(self, *, keep: Sequence[int], older_than: timedelta, dry: bool = False) -> list[str]:
        """Remove the files that only versions outside `keep` need; the log stays and still tells what there was.

        Args:
            keep: numbers of versions that stay readable; the newest always does.
            older_than: what was replaced, or left by a killed writer, less long ago stays too.
            dry: only say what would go.

        Returns:
            Paths relative to the table's folder.
        """
        table = self._open()
        with explained(self.folder):
            removed: list[str] = table.vacuum(
                retention_hours=int(older_than.total_seconds() // 3600),
                enforce_retention_duration=False,
                dry_run=dry,
                full=True,
                keep_versions=sorted({*keep, self.version().number}),
            )
        return sorted(removed)

    def _open(self, number: int | None = None) -> DeltaTable:
        try:
            return DeltaTable(str(self.folder), version=number)
        except (TableNotFoundError, DeltaError, OSError) as err:
            raise DataError(
                f"the table cannot be read: {str(err).splitlines()[0]}",
                where=str(self.folder),
                fix="name the folder of a Delta table; a damaged one is mended from a copy",
            ) from err

    def _demand(self, frame: pl.DataFrame) -> None:
        if not frame.width:
            raise DataError("there is no column to commit", where=str(self.folder), fix="give a table with columns")
        lowered = [name.lower() for name in frame.columns]
        if len(set(lowered)) < len(lowered):
            raise DataError(
                "two columns differ in case only, which Delta Lake does not allow",
                where=f"{self.folder}: {', '.join(sorted({n for n in lowered if lowered.count(n) > 1}))}",
                fix="rename one of them",
            )

    def _written(self, table: DeltaTable | None, kept: pl.DataFrame, said: _Said) -> bool:
        """Whether the commit is in; False if the table is no longer as it was when it was opened."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        properties = CommitProperties(
            custom_metadata={_META: msgspec.json.encode(said).decode()},
            max_commit_retries=0,  # a retry of theirs does not look whether the transaction was taken meanwhile
            app_transactions=[Transaction(said.transaction, 1)] if said.transaction else None,
        )
        replace = said.mode == "replace"
        try:
            with explained(self.folder):
                if table is None:
                    write_deltalake(
                        str(self.folder),
                        kept,
                        mode="error",
                        configuration=_KEPT,
                        commit_properties=properties,
                        writer_properties=_PACKED,
                    )
                else:
                    write_deltalake(
                        table,
                        kept,
                        mode="overwrite" if replace else "append",
                        schema_mode="overwrite" if replace else "merge",
                        commit_properties=properties,
                        writer_properties=_PACKED,
                    )
        except CommitFailedError:
            return False
        except DeltaError as err:
            if table is None and "already exists" in str(err):
                return False
            raise self._mismatch(err) from err
        return True

    def _mismatch(self, err: Exception) -> DataError:
        return DataError(
            f"the rows do not fit the table: {str(err).splitlines()[0]}",
            where=str(self.folder),
            fix="give columns the types that the table has, or replace it",
        )

    def _where(self, **wanted: str) -> Version:
        """The version whose commit carries this nonce or transaction."""
        entries = self._open().history()
        place = next(
            number
            for number, said in enumerate(_said(entry) for entry in reversed(entries))
            if said is not None and all(getattr(said, name) == value for name, value in wanted.items())
        )
        return self.versions()[place]

    def _demand_types(self, frame: pl.DataFrame, kept: pl.DataFrame, types: dict[str, str]) -> None:
        """What is appended has the table's types: Delta would turn the text "7" into a number without a word."""
        before, there = self._types(self._open().version()), pl.scan_delta(str(self.folder)).collect_schema()
        for name in frame.columns:
            if name in there and (before.get(name) != types.get(name) or there[name] != kept.schema[name]):
                raise DataError(
                    f"column {name!r} is {frame.schema[name]}, in the table it is {before.get(name, there[name])}",
                    where=str(self.folder),
                    fix="give it the type that the table has, or replace the table",
                )

    def _types(self, number: int) -> dict[str, str]:
        """Former types of columns in a version: what the newest commit before it said of each."""
        types: dict[str, str] = {}
        for entry in reversed(self._open(number).history()):
            said = _said(entry)
            if said is not None:
                types = said.types if said.mode == "replace" else types | said.types
        return types

    def _versions(self, table: DeltaTable) -> list[Version]:
        found: list[Version] = []
        parts: list[str] = []
        total = 0
        for entry in reversed(table.history()):
            said = _said(entry)
            if said is not None:
                fresh = said.mode == "replace"
                parts = [said.part] if fresh else [*parts, said.part]
                total = said.rows if fresh else total + said.rows
            found.append(_version(entry, said, parts=parts, total=total))
        return found


def _said(entry: dict[str, Any]) -> _Said | None:
    try:
        return msgspec.json.decode(entry[_META], type=_Said)
    except (KeyError, msgspec.DecodeError):
        return None


def _version(entry: dict[str, Any], said: _Said | None, *, parts: list[str], total: int) -> Version:
    at = datetime.fromtimestamp(entry["timestamp"] / 1000, UTC).isoformat(timespec="milliseconds")
    return Version(
        number=int(entry["version"]),
        id=parts[0] if len(parts) == 1 else fingerprint(parts),
        at=at,
        mode=said.mode if said else str(entry.get("operation", "")).lower(),
        rows=said.rows if said else 0,
        total=total,
        note=said.note if said else "",
        transaction=said.transaction if said else "",
        lineage=said.lineage if said else {},
    )


def _matching(every: list[Version], wanted: int | str | datetime) -> list[Version]:
    if isinstance(wanted, datetime):
        return [version for version in every if datetime.fromisoformat(version.at) <= wanted]
    if isinstance(wanted, int) or wanted.isdecimal():
        return [version for version in every if version.number == int(wanted)]
    found = [version for version in every if len(wanted) >= _SHORTEST and version.id.startswith(wanted)]
    if len({version.id for version in found}) > 1:
        raise DataError(f"{wanted} is the beginning of several ids", where="version", fix="give more of it")
    return found
