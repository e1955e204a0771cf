"""What reading needs of a database, and how to add another one.

A database is a function `connect(address, *, timeout) -> Session` in a file of its own, one line in `OPENERS`. The
session reads and can do nothing else: by the way it is opened, not by trust in the statement. Every cell comes as text
that holds the value exactly, with a kind (`Cell`) that says what it is, so that typing is the same for all of them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from msgspec import Struct

from roadworthy.data.databases.address import Address
from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.errors import SourceError
from roadworthy.kernel.sealed import without_secrets

OPENERS = {
    "sqlite": "roadworthy.data.databases.sqlite:connect",
    "duckdb": "roadworthy.data.databases.duck:connect",
    "postgresql": "roadworthy.data.databases.postgresql:connect",
    "mysql": "roadworthy.data.databases.mysql:connect",
}
_PACKAGES = {"duckdb": "duckdb", "postgresql": "postgres", "mysql": "mysql"}


class Cell(Struct, frozen=True):
    """How one column is asked for.

    Attributes:
        name: of the column.
        kind: `integer`, `unsigned`, `decimal(p,s)`, `float`, `boolean`, `bytes` (as hex), `date`, `time`, `timestamp`,
            `instant` (a timestamp in UTC), or `text` for all that has no exact type of ours: JSON, arrays, uuid, ...
        asked: the expression of SQL that gives it as text.
        order: the expression that puts rows in order by it.
    """

    name: str
    kind: str
    asked: str
    order: str


class QueryError(Exception):
    """What the database said against a statement, in its words."""


class Session(Protocol):
    """An open connection that can only read."""

    def quoted(self, name: str) -> str:
        """A name as SQL has it, whatever characters it holds."""

    def cells(self, relation: str) -> list[Cell]:
        """The columns of a quoted table or a query in brackets, in order."""

    def key(self, schema: str, table: str) -> list[str]:
        """The columns of the primary key, in its order; empty if there is none."""

    def rows(self, statement: str, part: int) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows of a SELECT in parts of at most `part`, without holding more."""

    def close(self) -> None:
        """Let go of it."""


@contextmanager
def reading(address: Address, *, timeout: float) -> Iterator[Session]:
    """A session for the length of a block.

    Args:
        timeout: seconds that one statement may take.

    Raises:
        SourceError: if the database cannot be opened or does not answer; its own words are repeated without passwords.
    """
    try:
        connect = resolve(OPENERS[address.backend])
    except ModuleNotFoundError as err:
        extra = _PACKAGES[address.backend]
        raise SourceError(
            f"reading {address.backend} needs one more package ({err.name})",
            where=address.told,
            fix=f'pip install "roadworthy[{extra}]"',
        ) from None
    # The frames of drivers hold the password in their variables: the cause is left out, its words are kept.
    try:
        session = connect(address, timeout=timeout)
    except QueryError as err:
        raise _refused(
            err, address, "the database cannot be opened", "look at the url, the user and the server"
        ) from None
    try:
        yield session
    except QueryError as err:
        raise _refused(err, address, "the database refused to answer", "look at table, query and timeout") from None
    finally:
        session.close()


def _refused(err: QueryError, address: Address, what: str, fix: str) -> SourceError:
    said = without_secrets(" ".join(str(err).split()), address.password)
    return SourceError(f"{what}: {said}", where=address.told, fix=fix)
