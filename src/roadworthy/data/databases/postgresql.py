"""PostgreSQL by pg8000: one read-only transaction that sees one moment, read through a cursor of the server."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from roadworthy.data.databases.address import Address
from roadworthy.data.databases.session import Cell, QueryError

_CONNECT = 15.0
_CANCELLED = "57014"
_KINDS = {
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "oid": "integer",
    "real": "float",
    "double precision": "float",
    "boolean": "boolean",
    "bytea": "bytes",
    "date": "date",
}
_SETTINGS = (
    "TimeZone = 'UTC'",
    "DateStyle = 'ISO, YMD'",
    "IntervalStyle = 'iso_8601'",
    "extra_float_digits = 3",
    "standard_conforming_strings = on",
    "lock_timeout = '10s'",
)


def connect(address: Address, *, timeout: float) -> "PostgresSession":
    """Begin a transaction that can change nothing and sees no later change.

    Raises:
        QueryError: if the server does not let us in.
    """
    with _explained():
        connection = Connection(
            address.user,
            host=address.host,
            port=address.port,
            database=address.database,
            password=address.password or None,
            ssl_context=_encrypted(address.ssl),
            timeout=_CONNECT,
            application_name="roadworthy",
        )
    session = PostgresSession(connection)
    try:
        session.begin(timeout)
    except BaseException:
        session.close()
        raise
    return session


class PostgresSession:
    """One transaction of one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, timeout: float) -> None:
        """Begin, and set the time-out and the spelling of values."""
        self._run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for setting in (*_SETTINGS, f"statement_timeout = {max(1, int(timeout * 1000))}"):
            self._run(f"SET LOCAL {setting}")
        # a network that goes silent ends the read a little after the server should have ended the statement
        self._connection._usock.settimeout(timeout + _CONNECT)

    def quoted(self, name: str) -> str:
        """In double quotes."""
        return '"' + name.replace('"', '""') + '"'

    def key(self, schema: str, table: str) -> list[str]:
        """The primary key."""
        place = ".".join(self.quoted(part) for part in (schema, table) if part).replace("'", "''")
        told = self._run(
            "SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
            f"AND a.attnum = ANY(i.indkey) WHERE i.indisprimary AND i.indrelid = '{place}'::regclass "
            "ORDER BY array_position(i.indkey::int2[], a.attnum)"
        )
        return [str(row[0]) for row in told]

    def cells(self, relation: str) -> list[Cell]:
        """Each column; arrays and records as JSON, what has no exact type of ours as text."""
        self._run(f"SELECT * FROM {relation} LIMIT 0")
        columns = self._connection.columns or []
        if not columns:
            return []
        told = [f"format_type({one['type_oid']}, {one['type_modifier']})" for one in columns]
        told += [f"(SELECT typtype::text FROM pg_type WHERE oid = {one['type_oid']})" for one in columns]
        (answer,) = self._run(f"SELECT {', '.join(told)}")
        declared, sorts = answer[: len(columns)], answer[len(columns) :]
        return [
            self._cell(str(one["name"]), str(kind), composite=sort == "c")
            for one, kind, sort in zip(columns, declared, sorts, strict=True)
        ]

    def rows(self, statement: str, part: int) -> Iterator[Sequence[Sequence[Any]]]:
        """In parts, through a cursor that the server keeps."""
        self._run(f"DECLARE given NO SCROLL CURSOR FOR {statement}")
        while found := self._run(f"FETCH {part} FROM given"):
            yield found
        self._run("CLOSE given")

    def close(self) -> None:
        """Leave the transaction and the server."""
        try:
            self._connection.close()
        except (DatabaseError, InterfaceError, OSError):
            return

    def _cell(self, name: str, declared: str, *, composite: bool) -> Cell:
        quoted = self.quoted(name)
        asked, kind = f"{quoted}::text", _KINDS.get(declared, "text")
        if composite or declared.endswith("[]"):
            asked = f"to_json({quoted})::text"
        elif declared == "bytea":
            asked = f"encode({quoted}, 'hex')"
        elif declared.startswith("numeric("):
            kind = declared.replace("numeric", "decimal")
        elif declared.startswith("timestamp"):
            kind = "instant" if declared.endswith("with time zone") else "timestamp"
        elif declared.startswith("time") and declared.endswith("without time zone"):
            kind = "time"
        return Cell(name, kind, asked, f'({asked}) COLLATE "C"')

    def _run(self, statement: str) -> list[list[Any]]:
        with _explained():
            return self._connection.run(statement) or []


@contextmanager
def _explained() -> Iterator[None]:
    """The server's own words as ours."""
    try:
        yield
    except (DatabaseError, InterfaceError) as err:
        given = err.args[0] if err.args else ""
        said = given if isinstance(given, dict) else {"M": str(given)}
        late = said.get("C") == _CANCELLED
        raise QueryError("it takes longer than the declared timeout" if late else said.get("M", "")) from None
    except OSError as err:
        raise QueryError(f"the connection broke ({err})") from None


def _encrypted(mode: str) -> Any:
    """What the driver takes for a mode: None is tried, True is insisted on, and neither checks the server's name."""
    if mode == "verify-full":
        return ssl.create_default_context()
    return {"disable": False, "prefer": None, "require": True}[mode]
