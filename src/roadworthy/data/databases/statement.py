"""The one SELECT that is sent: built from quoted names, or from a query that can only read."""

import re
from collections.abc import Sequence

from msgspec import Struct

from roadworthy.data.databases.session import Cell, Session
from roadworthy.kernel.errors import DataError, SourceError
from roadworthy.kernel.nearest import did_you_mean

_BEGINS = re.compile(r"(?is)\s*(?:SELECT|WITH|VALUES|FROM)\b")
_COMMENTS = re.compile(r"(?s)--[^\n]*|/\*.*?\*/")
_QUOTED = re.compile(r"(?s)'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]")
_WRITES = re.compile(r"(?i)\b(?:INSERT|UPDATE|DELETE|MERGE|INTO)\b")
_WHERE = "[[data.source]] query"


class Asked(Struct, frozen=True, kw_only=True):
    """What a source wants to read: a table, or a query.

    Attributes:
        key: the columns that name a row and put the rows in order; empty for the primary key.
        limit: the most rows; None for all.
    """

    schema: str = ""
    table: str = ""
    query: str = ""
    columns: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    limit: int | None = None


class Plan(Struct, frozen=True, kw_only=True):
    """The statement, and what each column of its answer is.

    Attributes:
        cells: the wanted columns, in order; after them the answer holds `key` columns as text.
        key: names of the key; empty if rows have none and are known by their position.
        unique: whether the database itself keeps the key unique.
    """

    statement: str
    cells: list[Cell]
    key: list[str]
    unique: bool


def only_reads(query: str) -> str:
    r"""A query that is one SELECT, without its last semicolon.

    It is looked at, and then run where nothing can be written: the look is for a clear message.

    >>> only_reads("SELECT 1;\n")
    'SELECT 1'

    Raises:
        SourceError: if it is anything else.
    """
    bare = query.strip().rstrip(";").rstrip()
    if ";" in bare:
        raise SourceError(
            "the query holds a semicolon", where=_WHERE, fix="give one SELECT; write chr(59) within a text"
        )
    if "/*!" in bare or "/*M!" in bare:
        raise SourceError("the query holds a comment that MySQL runs", where=_WHERE, fix="take it out")
    words = _QUOTED.sub("''", _COMMENTS.sub(" ", bare))
    if not _BEGINS.match(words.lstrip("( \n\t")):
        first = (words.split() or ["nothing"])[0]
        raise SourceError(
            f"the query begins with {first}, not with SELECT", where=_WHERE, fix="give one SELECT or WITH"
        )
    written = _WRITES.search(words)
    if written:
        raise SourceError(
            f"the query holds {written[0].upper()}", where=_WHERE, fix="give one SELECT; quote a column of that name"
        )
    return bare


def plan(session: Session, asked: Asked) -> Plan:
    """The statement that reads what is asked, in an order that depends on the rows alone.

    Rows stand in the order of their key; where it is not known to be unique, in that of all their columns after it.

    Raises:
        DataError: if a named column is not there, or two have one name.
    """
    relation = _relation(session, asked)
    cells = session.cells(relation)
    _names_once(cells)
    known = {cell.name: cell for cell in cells}
    wanted = [_known(name, known, "columns") for name in asked.columns] or cells
    found = [] if asked.key or asked.query else session.key(asked.schema, asked.table)
    for name in asked.key:
        _known(name, known, "key")
    key = list(asked.key) or found
    order = [session.quoted(name) for name in key] + ([] if found else [cell.order for cell in cells])
    named = [known[name].asked if name in known else session.quoted(name) for name in key]
    limit = "" if asked.limit is None else f" LIMIT {asked.limit}"
    select = ", ".join([*(cell.asked for cell in wanted), *named])
    statement = f"SELECT {select} FROM {relation} ORDER BY {', '.join(order)}{limit}"
    return Plan(statement=statement, cells=wanted, key=key, unique=bool(found))


def _relation(session: Session, asked: Asked) -> str:
    if asked.query:
        return f"({only_reads(asked.query)}\n) AS given"
    return ".".join(session.quoted(part) for part in (asked.schema, asked.table) if part)


def _names_once(cells: Sequence[Cell]) -> None:
    names = [cell.name for cell in cells]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"two columns are called {name!r}", where=_WHERE, fix="name one of them anew, with AS")


def _known(name: str, known: dict[str, Cell], option: str) -> Cell:
    if name not in known:
        raise DataError(
            f"there is no column {name!r}", where=f"[[data.source]] {option}", fix=did_you_mean(name, known)
        )
    return known[name]
