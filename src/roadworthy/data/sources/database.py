"""Tables and queries of databases: SQLite, DuckDB, PostgreSQL, MySQL and MariaDB, streamed, and never written to."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from roadworthy.data.databases.address import Address, read_address
from roadworthy.data.databases.session import Session, reading
from roadworthy.data.databases.statement import Asked, Plan, only_reads, plan
from roadworthy.data.databases.typed import Misfits, typed
from roadworthy.data.source import Given, RawTable, SourceContext
from roadworthy.declare.data import Source
from roadworthy.declare.names import SOURCE_OPTIONS
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.fingerprint import sha256
from roadworthy.kernel.limits import Verdict
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.records import SourceFile
from roadworthy.kernel.units import parse_duration, plural

_OPTIONS = tuple(SOURCE_OPTIONS["database"])
_WHERE = "[[data.source]]"
_PART = 50_000
_TIMEOUT = "10m"
_SHOWN = 10
_MARK = 8


class _Wanted(Struct, frozen=True, kw_only=True):
    """One source's options, read.

    Attributes:
        name: how records name the table or query: `shop:sales.orders`.
        told: the same for people, with the place of the database.
        version: a SELECT whose answer changes whenever the rows do; empty if the rows themselves are looked at.
    """

    address: Address
    asked: Asked
    name: str
    told: str
    timeout: float
    part: int
    version: str


class Database:
    """The source of kind `database`.

    Options: `url`; `table` (`"orders"`, `"sales.orders"`, or beside `schema`) or `query` (one SELECT); `columns`; `key`
    (what names a row; the primary key where there is one); `limit`; `timeout` (of a statement); `part` (rows held at
    once); `version` (a SELECT whose answer tells whether anything changed, instead of a look at every row).

    Raises:
        SourceError: if the database cannot be read, the query does more than read, or an option is not known.
        DataError: if a named column is not there.
    """

    def __call__(self, declared: Source, *, context: SourceContext) -> Iterator[Given]:
        """The rows in parts, what has no place in its type, and the content address of what was read."""
        wanted = _wanted(declared, context.root)
        context.progress.begin(f"read {wanted.told}")
        lost: dict[str, _Lost] = {}
        with reading(wanted.address, timeout=wanted.timeout) as session:
            read, names = plan(session, wanted.asked), _Names(wanted.name)
            if {*context.data.pseudonymise, *context.data.pseudonyms} & set(read.key):
                # the names of rows are stored, and what is to be hidden must not stand in them
                read = replace(read, key=[])
            content = _Content(read)
            for rows in session.rows(read.statement, wanted.part):
                content.add(rows)
                yield _part(rows, read, names, lost)
                context.progress.advance(len(rows))
            yield _versioned(session, wanted) if wanted.version else content.file(wanted.told)
        context.progress.end()
        if not content.rows:
            raise SourceError(f"{wanted.name} holds no row", where=wanted.told, fix="look at the table or the query")
        yield from (_finding(column, one, wanted.name) for column, one in lost.items())

    def contents(self, declared: Source, *, root: Path) -> list[SourceFile]:
        """What the rows are now, as one content address; a changed row changes it."""
        wanted = _wanted(declared, root)
        with reading(wanted.address, timeout=wanted.timeout) as session:
            if wanted.version:
                return [_versioned(session, wanted)]
            read = plan(session, wanted.asked)
            content = _Content(read)
            for rows in session.rows(read.statement, wanted.part):
                content.add(rows)
        return [content.file(wanted.told)]


database = Database()


class _Content:
    """The content address of rows in their order, however they are parted."""

    def __init__(self, read: Plan) -> None:
        self._width, self._encode = len(read.cells), msgspec.msgpack.Encoder().encode
        self._digest = hashlib.sha256(self._encode([(cell.name, cell.kind) for cell in read.cells]))
        self.rows, self._bytes = 0, 0

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        width, encode = self._width, self._encode
        data = b"".join([encode(row[:width]) for row in rows])
        self._digest.update(data)
        self.rows += len(rows)
        self._bytes += len(data)

    def file(self, told: str) -> SourceFile:
        return SourceFile(path=told, bytes=self._bytes, sha256=self._digest.hexdigest())


class _Names:
    """Where each row was found: its key; a key that stands again gets a number."""

    def __init__(self, archive: str) -> None:
        self.archive, self.rows = archive, 0
        self._last, self._again = "", 1

    def of(self, keys: Sequence[Sequence[str | None]], *, unique: bool) -> pl.Series:
        names = [f"{self.archive}:{_joined(key)}" for key in keys]
        return pl.Series(names if unique else [self._numbered(name) for name in names], dtype=pl.String())

    def _numbered(self, name: str) -> str:
        """Rows stand in the order of their key, so that equal ones follow each other."""
        self._again = self._again + 1 if name == self._last else 1
        self._last = name
        return name if self._again == 1 else f"{name}#{self._again}"


class _Lost(Struct):
    """Values of a column that its type cannot hold."""

    count: int = 0
    rows: list[str] = msgspec.field(default_factory=list)
    values: list[str] = msgspec.field(default_factory=list)


def _part(rows: Sequence[Sequence[Any]], read: Plan, names: _Names, lost: dict[str, _Lost]) -> RawTable:
    width = len(read.cells)
    columns = list(zip(*rows, strict=True))
    found = [typed(cell, values) for cell, values in zip(read.cells, columns, strict=False)]
    keys = [row[width:] for row in rows]
    table = RawTable(
        frame=pl.DataFrame([series for series, _ in found]),
        archive=names.archive,
        first_line=names.rows + 1,
        names=names.of(keys, unique=read.unique) if read.key else None,
    )
    names.rows += len(rows)
    for _, misfits in found:
        if misfits:
            _note(lost.setdefault(misfits.column, _Lost()), misfits, table)
    return table


def _note(lost: _Lost, misfits: Misfits, table: RawTable) -> None:
    lost.count += len(misfits.places)
    room = _SHOWN - len(lost.rows)
    lost.rows += table.row_names().gather(misfits.places[:room]).to_list()
    lost.values += [value for value in dict.fromkeys(misfits.values) if value not in lost.values][:room]


def _finding(column: str, lost: _Lost, archive: str) -> Finding:
    return Finding(
        check="data.types",
        subject=column,
        verdict=Verdict.FAIL,
        summary=f"{plural(lost.count, 'value')} of {column} in {archive} no type of ours can hold; they count as "
        f"missing: {', '.join(lost.values)}.",
        measured=float(lost.count),
        unit="rows",
        evidence={"archive": archive, "values": lost.values, "rows": lost.rows},
        remedy="select the column as text, if these values mean something",
    )


def _joined(key: Sequence[Any]) -> str:
    """A key as one text; commas within the parts of a longer one are escaped, so that two keys are never one text."""
    parts = ["" if part is None else str(part) for part in key]
    return parts[0] if len(parts) == 1 else ",".join(part.replace("\\", "\\\\").replace(",", "\\,") for part in parts)


def _versioned(session: Session, wanted: _Wanted) -> SourceFile:
    """The answer of the declared SELECT stands for the rows."""
    answer = [list(row) for part in session.rows(only_reads(wanted.version), 1_000) for row in part]
    data = msgspec.msgpack.encode(answer, enc_hook=str)
    return SourceFile(path=wanted.told, bytes=len(data), sha256=sha256(data))


def _wanted(declared: Source, root: Path) -> _Wanted:
    options = declared.options
    for name in options:
        if name not in _OPTIONS:
            raise SourceError(f"{name!r} is no option of a database", where=_WHERE, fix=did_you_mean(name, _OPTIONS))
    if bool(options.get("table")) == bool(options.get("query")):
        raise SourceError(
            "a database source needs a table or a query",
            where=_WHERE,
            fix='add table = "orders", or query = "SELECT ..."',
        )
    address = read_address(_text(options, "url"), root)
    asked = _asked(options)
    relation = ".".join(filter(None, (asked.schema, asked.table))) or f"query-{sha256(asked.query.encode())[:_MARK]}"
    return _Wanted(
        address=address,
        asked=asked,
        name=f"{address.name}:{relation}",
        told=f"{address.told}:{relation}",
        timeout=parse_duration(str(options.get("timeout", _TIMEOUT))).seconds,
        part=_count(options, "part") or _PART,
        version=_text(options, "version"),
    )


def _asked(options: dict[str, Any]) -> Asked:
    schema, table = _text(options, "schema"), _text(options, "table")
    if table and not schema and "." in table:
        schema, _, table = table.partition(".")
    query = _text(options, "query")
    return Asked(
        schema=schema,
        table=table,
        query=only_reads(query) if query else "",
        columns=_names(options, "columns"),
        key=_names(options, "key"),
        limit=_count(options, "limit"),
    )


def _text(options: dict[str, Any], name: str) -> str:
    given = options.get(name, "")
    if not isinstance(given, str):
        raise SourceError(f"{name} is no text", where=f"{_WHERE} {name}", fix=f'write {name} = "..."')
    return given


def _names(options: dict[str, Any], name: str) -> tuple[str, ...]:
    given = options.get(name, ())
    names = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, list | tuple) else (None,)
    if not all(isinstance(one, str) and one for one in names):
        raise SourceError(f"{name} names no columns", where=f"{_WHERE} {name}", fix=f'write {name} = ["a", "b"]')
    return names


def _count(options: dict[str, Any], name: str) -> int | None:
    given = options.get(name)
    if given is not None and (type(given) is not int or given < 1):
        raise SourceError(f"{name} is no number of rows", where=f"{_WHERE} {name}", fix=f"write {name} = 1000")
    return given
