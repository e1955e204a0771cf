"""MySQL and MariaDB by PyMySQL: one read-only transaction that sees one moment, read row by row from the server."""

import contextlib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.constants import FIELD_TYPE as TYPE
from pymysql.converters import encoders
from pymysql.cursors import Cursor, SSCursor

from roadworthy.data.databases.address import Address
from roadworthy.data.databases.session import Cell, QueryError

_CONNECT = 15
_BINARY = 63
_UNSIGNED = 32
_LONGEST_DECIMAL = 38
_LATE = (1969, 3024)
_KINDS = {
    TYPE.TINY: "integer",
    TYPE.SHORT: "integer",
    TYPE.INT24: "integer",
    TYPE.LONG: "integer",
    TYPE.LONGLONG: "integer",
    TYPE.YEAR: "integer",
    TYPE.FLOAT: "float",
    TYPE.DOUBLE: "float",
    TYPE.BIT: "unsigned",
    TYPE.DATE: "date",
    TYPE.NEWDATE: "date",
    TYPE.DATETIME: "timestamp",
    TYPE.TIMESTAMP: "instant",
}
_BLOBS = (TYPE.BLOB, TYPE.TINY_BLOB, TYPE.MEDIUM_BLOB, TYPE.LONG_BLOB)
_MAYBE_BYTES = frozenset((*_BLOBS, TYPE.STRING, TYPE.VAR_STRING, TYPE.VARCHAR))


def connect(address: Address, *, timeout: float) -> "MySqlSession":
    """Begin a transaction that can change nothing and sees no later change.

    Raises:
        QueryError: if the server does not let us in.
    """
    with _explained():
        connection = pymysql.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            password=address.password.encode(),  # of text the driver would make Latin-1
            database=address.database,
            charset="utf8mb4",
            conv=encoders,
            connect_timeout=_CONNECT,
            read_timeout=timeout + _CONNECT,
            local_infile=False,
            **_encrypted(address.ssl),
        )
    session = MySqlSession(connection)
    try:
        session.begin(timeout)
    except BaseException:
        session.close()
        raise
    return session


class MySqlSession:
    """One transaction of one connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def begin(self, timeout: float) -> None:
        """Set the zone and the time-out, and begin."""
        self._ask("SET SESSION time_zone = '+00:00'")
        if "mariadb" in self._connection.get_server_info().lower():
            self._ask(f"SET SESSION max_statement_time = {timeout}")
        else:
            self._ask(f"SET SESSION max_execution_time = {max(1, int(timeout * 1000))}")
        # of the session, not of one transaction: what makes tables ends the transaction that it finds
        self._ask("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        self._ask("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def quoted(self, name: str) -> str:
        """In back quotes."""
        return "`" + name.replace("`", "``") + "`"

    def key(self, schema: str, table: str) -> list[str]:
        """The primary key."""
        place = ".".join(self.quoted(part) for part in (schema, table) if part)
        told = self._ask(f"SHOW KEYS FROM {place} WHERE Key_name = 'PRIMARY'")
        return [str(row[4]) for row in sorted(told, key=lambda row: int(row[3]))]

    def cells(self, relation: str) -> list[Cell]:
        """Each column; JSON, sets, durations and what has no exact type of ours as text."""
        with _explained(), self._connection.cursor(Cursor) as cursor:
            cursor.execute(f"SELECT * FROM {relation} LIMIT 0")
            # signs and character sets stand in the fields of the answer and not in its description
            return [self._cell(one) for one in cursor._result.fields]

    def rows(self, statement: str, part: int) -> Iterator[Sequence[Sequence[Any]]]:
        """In parts, as the server sends them."""
        with _explained():
            cursor = self._connection.cursor(SSCursor)
            cursor.execute(statement)
        while found := self._next(cursor, part):
            yield found
        with _explained():
            cursor.close()

    def close(self) -> None:
        """Leave the server; rows that were not asked for are not waited for."""
        with contextlib.suppress(pymysql.Error, OSError):
            self._connection._force_close()

    def _next(self, cursor: Any, part: int) -> list[Any]:
        with _explained():
            return list(cursor.fetchmany(part))

    def _cell(self, column: Any) -> Cell:
        quoted = self.quoted(column.name)
        kind, asked = _KINDS.get(column.type_code, "text"), f"CAST({quoted} AS CHAR)"
        match column.type_code:
            case TYPE.LONGLONG if column.flags & _UNSIGNED:
                kind = "unsigned"
            case TYPE.FLOAT | TYPE.DOUBLE:
                # a short float is shown with six digits only, unless it is widened first
                asked = f"CAST({quoted} + 0e0 AS CHAR)"
            case TYPE.BIT:
                asked = f"CAST({quoted} + 0 AS CHAR)"
            case TYPE.NEWDECIMAL:
                kind = _decimal(column)
            case TYPE.GEOMETRY:
                asked = f"ST_AsText({quoted})"
            case code if code in _MAYBE_BYTES and column.charsetnr == _BINARY:
                kind, asked = "bytes", f"HEX({quoted})"
        return Cell(column.name, kind, asked, f"CAST({asked} AS BINARY)")

    def _ask(self, statement: str) -> list[Any]:
        with _explained(), self._connection.cursor(Cursor) as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


def _decimal(column: Any) -> str:
    """The server tells how many characters a decimal takes: with the sign and the point."""
    signed = not column.flags & _UNSIGNED
    digits = column.length - signed - (column.scale > 0)
    return f"decimal({digits},{column.scale})" if digits <= _LONGEST_DECIMAL else "text"


@contextmanager
def _explained() -> Iterator[None]:
    """The server's own words as ours."""
    try:
        yield
    except pymysql.Error as err:
        late = bool(err.args) and err.args[0] in _LATE
        raise QueryError("it takes longer than the declared timeout" if late else str(err.args[-1])) from None
    except OSError as err:
        raise QueryError(f"the connection broke ({err})") from None


def _encrypted(mode: str) -> dict[str, Any]:
    """What the driver takes for a mode; without a context of ours it would check no name."""
    if mode == "verify-full":
        return {"ssl": ssl.create_default_context()}
    known: dict[str, dict[str, Any]] = {"disable": {"ssl_disabled": True}, "require": {"ssl": {"verify_mode": "none"}}}
    return known.get(mode, {})
