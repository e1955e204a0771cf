"""DuckDB: a file opened read-only, with files and the network of this machine out of reach."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from roadworthy.data.databases.address import Address
from roadworthy.data.databases.session import Cell, QueryError

_WHOLE = frozenset(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"))
_KINDS = {
    "UBIGINT": "unsigned",
    "FLOAT": "float",
    "DOUBLE": "float",
    "BOOLEAN": "boolean",
    "BLOB": "bytes",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "instant",
}
_NESTED = ("STRUCT(", "MAP(", "UNION(")


def connect(address: Address, *, timeout: float) -> "DuckSession":
    """Open the file; another process may be reading it, none may be writing.

    Raises:
        QueryError: if it is no database, of a newer format, or held by a writer.
    """
    try:
        connection = duckdb.connect(str(address.file), read_only=True, config={"enable_external_access": "false"})
        for setting in ("TimeZone = 'UTC'", "lock_configuration = true"):
            connection.execute(f"SET {setting}")
        connection.begin()
    except duckdb.Error as err:
        raise QueryError(str(err)) from None
    return DuckSession(connection, timeout)


class DuckSession:
    """One file, in one transaction."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, timeout: float) -> None:
        self._connection, self._timeout = connection, timeout

    def quoted(self, name: str) -> str:
        """In double quotes."""
        return '"' + name.replace('"', '""') + '"'

    def key(self, schema: str, table: str) -> list[str]:
        """The primary key."""
        told = self._ask(
            "SELECT constraint_column_names FROM duckdb_constraints() "
            "WHERE constraint_type = 'PRIMARY KEY' AND schema_name = coalesce(nullif(?, ''), current_schema()) "
            "AND table_name = ?",
            (schema, table),
        )
        return list(told[0][0]) if told else []

    def cells(self, relation: str) -> list[Cell]:
        """Each column; nested values as JSON."""
        return [self._cell(str(row[0]), str(row[1])) for row in self._ask(f"DESCRIBE SELECT * FROM {relation}", ())]

    def rows(self, statement: str, part: int) -> Iterator[Sequence[Sequence[Any]]]:
        """In parts; the engine computes as they are asked for."""
        with self._explained():
            cursor = self._connection.execute(statement)
        while found := self._next(cursor, part):
            yield found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _next(self, cursor: duckdb.DuckDBPyConnection, part: int) -> list[Any]:
        with self._explained():
            return cursor.fetchmany(part)

    def _cell(self, name: str, declared: str) -> Cell:
        quoted = self.quoted(name)
        asked = f"CAST({quoted} AS VARCHAR)"
        if declared.endswith("]") or declared.startswith(_NESTED):
            asked = f"CAST(to_json({quoted}) AS VARCHAR)"
        elif declared == "BLOB":
            asked = f"hex({quoted})"
        kind = "integer" if declared in _WHOLE else _KINDS.get(declared, "text")
        if declared.startswith("DECIMAL("):
            kind = declared.lower()
        return Cell(name, kind, asked, asked)

    def _ask(self, statement: str, given: Sequence[Any]) -> list[Any]:
        with self._explained():
            return self._connection.execute(statement, list(given)).fetchall()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """The engine's own words as ours, and an end to what takes too long."""
        late = threading.Timer(self._timeout, self._connection.interrupt)
        late.daemon = True
        late.start()
        try:
            yield
        except duckdb.InterruptException:
            raise QueryError("it takes longer than the declared timeout") from None
        except duckdb.Error as err:
            raise QueryError(str(err)) from None
        finally:
            late.cancel()
