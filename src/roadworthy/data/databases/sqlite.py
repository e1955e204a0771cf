"""SQLite: opened read-only, and an authoriser that lets nothing pass but reading."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from roadworthy.data.databases.address import Address
from roadworthy.data.databases.session import Cell, QueryError

_ALLOWED = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE))
_STEPS = 100_000
_HELD = (
    "max(typeof({0}) = 'integer'), max(typeof({0}) = 'integer' AND abs({0} / 2) > (1 << 52)), "
    "max(typeof({0}) = 'real'), max(typeof({0}) = 'text'), max(typeof({0}) = 'blob')"
)
"""Which kinds of value a column holds: whole numbers, those too long for a float, others, texts, bytes."""


def connect(address: Address, *, timeout: float) -> "SqliteSession":
    """Open the file; it can neither be written nor made.

    Raises:
        QueryError: if it is no database, or cannot be read.
    """
    place = f"file:{quote(str(address.file))}?mode=ro"
    try:
        connection = sqlite3.connect(place, uri=True, timeout=min(timeout, 30.0), isolation_level=None)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error as err:
        raise QueryError(str(err)) from None
    return SqliteSession(connection, timeout)


class SqliteSession:
    """One file, seen as it was when it was opened."""

    def __init__(self, connection: sqlite3.Connection, timeout: float) -> None:
        self._connection, self._timeout = connection, timeout
        connection.text_factory = _text
        connection.set_authorizer(_only_reading)

    def quoted(self, name: str) -> str:
        """In double quotes."""
        return '"' + name.replace('"', '""') + '"'

    def key(self, schema: str, table: str) -> list[str]:
        """The primary key, else the number that SQLite gives each row."""
        told = self._ask(f"PRAGMA {self.quoted(schema or 'main')}.table_info({self.quoted(table)})")
        key = [name for place, name in sorted((row[5], row[1]) for row in told) if place]
        return key or self._row_number(schema, table)

    def cells(self, relation: str) -> list[Cell]:
        """Each column, with a kind that every value of it has: a declared type binds nobody here."""
        names = self._names(relation)
        held = ", ".join(_HELD.format(self.quoted(name)) for name in names)
        (seen,) = self._ask(f"SELECT {held} FROM {relation}")
        width = len(seen) // len(names)
        return [self._cell(name, *map(bool, seen[width * at : width * (at + 1)])) for at, name in enumerate(names)]

    def rows(self, statement: str, part: int) -> Iterator[Sequence[Sequence[Any]]]:
        """In parts; the file is read as they are asked for."""
        with self._explained():
            cursor = self._connection.execute(statement)
        while found := self._next(cursor, part):
            yield found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _next(self, cursor: sqlite3.Cursor, part: int) -> list[Any]:
        with self._explained():
            return cursor.fetchmany(part)

    def _cell(self, name: str, *held: bool) -> Cell:
        whole, long, real, text, blob = held
        quoted = self.quoted(name)
        if blob and not (whole or real or text):
            return Cell(name, "bytes", f"hex({quoted})", quoted)
        if blob:
            mixed = f"CASE typeof({quoted}) WHEN 'blob' THEN 'x''' || hex({quoted}) || '''' ELSE {quoted} END"
            return Cell(name, "text", mixed, quoted)
        if text or (real and long) or not (whole or real):
            return Cell(name, "text", quoted, quoted)
        return Cell(name, "float" if real else "integer", quoted, quoted)

    def _names(self, relation: str) -> list[str]:
        with self._explained():
            told = self._connection.execute(f"SELECT * FROM {relation} LIMIT 0").description
        return [str(one[0]) for one in told]

    def _row_number(self, schema: str, table: str) -> list[str]:
        place = f"{self.quoted(schema or 'main')}.{self.quoted(table)}"
        try:
            self._connection.execute(f"SELECT rowid FROM {place} LIMIT 0")
        except sqlite3.Error:
            return []
        return ["rowid"]

    def _ask(self, statement: str) -> list[Any]:
        with self._explained():
            return self._connection.execute(statement).fetchall()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """The file's own words as ours, and an end to what takes too long."""
        end = time.monotonic() + self._timeout
        self._connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            yield
        except sqlite3.Error as err:
            said = str(err)
            raise QueryError("it takes longer than the declared timeout" if said == "interrupted" else said) from None
        finally:
            self._connection.set_progress_handler(None, 0)


def _text(given: bytes) -> str:
    r"""Text; bytes that are no UTF-8 are kept as `\xff`."""
    return given.decode("utf-8", "backslashreplace")


def _only_reading(action: int, first: str | None, *_: str | None) -> int:
    reads = action in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and first == "table_info")
    return sqlite3.SQLITE_OK if reads else sqlite3.SQLITE_DENY
