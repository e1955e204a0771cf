"""The ledger in a database: SQLite for one machine, PostgreSQL for many."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    func,
    insert,
    inspect,
    or_,
    select,
    update,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from roadworthy.kernel.errors import LedgerError, PlaceError
from roadworthy.kernel.files import explained
from roadworthy.kernel.fingerprint import canonical
from roadworthy.kernel.nearest import did_you_mean
from roadworthy.kernel.records import Event, Step
from roadworthy.kernel.sealed import without_secrets
from roadworthy.ledger.chain import BEGINNING, Link, link_hash
from roadworthy.ledger.trouble import explain

SCHEMA = 1
"""The layout of the tables below; a ledger of a higher number is refused, never rewritten."""

_MOVED = "pointer.moved"
_WRITERS = 0x726F6164
"""The number of the PostgreSQL advisory lock under which the chain grows."""

_tables = MetaData()
_schema = Table("schema_version", _tables, Column("version", Integer, primary_key=True))
_events = Table(
    "events",
    _tables,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("at", String, nullable=False),
    Column("run", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Index("events_by_subject", "subject", "kind"),
)
_steps = Table(
    "steps",
    _tables,
    Column("number", Integer, primary_key=True),
    Column("fingerprint", String, nullable=False, unique=True),
    Column("run", String, nullable=False, index=True),
    Column("body", Text, nullable=False),
)
_documents = Table(
    "documents",
    _tables,
    Column("number", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("kind", "key"),
)


def open_ledger(url: str, *, patience: float = 10.0) -> "SqlLedger":
    """Open a ledger, and make it if there is none.

    Args:
        url: `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://user@host/database`.
        patience: seconds to wait for another process that is writing.

    Raises:
        LedgerError: if the address is none of these, or what lies there is damaged, locked, no ledger, or was written
            by a newer roadworthy. What lies there is never overwritten.
    """
    place = _address(url)
    where = place.database or "" if place.get_backend_name() == "sqlite" else place.render_as_string()
    try:
        engine = _sqlite(place, patience) if place.get_backend_name() == "sqlite" else _postgres(place, patience)
    except (NoSuchModuleError, ModuleNotFoundError) as err:
        raise LedgerError(
            "PostgreSQL needs one more package", where=where, fix='pip install "roadworthy[postgres]"'
        ) from err
    ledger = SqlLedger(engine, where=where)
    try:
        ledger.prepare()
    except BaseException:
        ledger.close()
        raise
    return ledger


class SqlLedger:
    """A `Ledger` over one database. Threads and processes may share it; each call is its own durable transaction."""

    def __init__(self, engine: Engine, *, where: str) -> None:
        self.engine, self.where = engine, where

    def __enter__(self) -> Self:
        """The ledger itself, closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def prepare(self) -> None:
        """Make the tables where there are none; refuse what is no ledger or a newer one."""
        with self._reading() as connection:
            if self._known(connection):
                return
        with self._writing() as connection:
            if not self._known(connection):
                _tables.create_all(connection)
                connection.execute(insert(_schema).values(version=SCHEMA))

    def step(self, fingerprint: str) -> Step | None:
        """The finished step of that fingerprint, if there is one."""
        with self._reading() as connection:
            body = connection.scalar(select(_steps.c.body).where(_steps.c.fingerprint == fingerprint))
        return None if body is None else msgspec.json.decode(body, type=Step)

    def finish(self, step: Step, *, run: str) -> None:
        """Record a finished step; recording it again changes nothing."""
        body = self._text(step)
        known = select(_steps.c.number).where(_steps.c.fingerprint == step.fingerprint)
        with self._writing() as connection:
            if connection.scalar(known) is None:
                connection.execute(insert(_steps).values(fingerprint=step.fingerprint, run=run, body=body))

    def steps(self, *, run: str | None = None) -> Sequence[Step]:
        """Finished steps, oldest first."""
        wanted = select(_steps.c.body).order_by(_steps.c.number)
        with self._reading() as connection:
            bodies = connection.scalars(wanted if run is None else wanted.where(_steps.c.run == run)).all()
        return [msgspec.json.decode(body, type=Step) for body in bodies]

    def append(self, event: Event) -> int:
        """Record an event and return its number, counted from 1."""
        body = self._text(event.body)
        with self._writing() as connection:
            last = connection.execute(
                select(_events.c.number, _events.c.hash).order_by(_events.c.number.desc())
            ).first()
            number, previous = (last.number + 1, last.hash) if last else (1, BEGINNING)
            link = Link(number=number, kind=event.kind, subject=event.subject, at=event.at, run=event.run, body=body)
            connection.execute(insert(_events).values(**msgspec.structs.asdict(link), hash=link_hash(previous, link)))
        return number

    def events(
        self, *, kind: str | None = None, subject: str | None = None, last: int | None = None
    ) -> Sequence[Event]:
        """Events, oldest first; `kind` also matches its sub-kinds; `last` keeps that many of the newest."""
        wanted = select(_events).order_by(_events.c.number.desc())
        if kind is not None:
            below = func.substr(_events.c.kind, 1, len(kind) + 1) == f"{kind}."
            wanted = wanted.where(or_(_events.c.kind == kind, below))
        if subject is not None:
            wanted = wanted.where(_events.c.subject == subject)
        if last is not None:
            wanted = wanted.limit(last)
        with self._reading() as connection:
            rows = connection.execute(wanted).all()
        return [_event(row) for row in reversed(rows)]

    def keep(self, kind: str, key: str, body: dict[str, Any]) -> None:
        """Store or replace a document; a replaced one keeps its place in the order."""
        text = self._text(body)
        this = (_documents.c.kind == kind) & (_documents.c.key == key)
        with self._writing() as connection:
            if connection.execute(update(_documents).where(this).values(body=text)).rowcount == 0:
                connection.execute(insert(_documents).values(kind=kind, key=key, body=text))

    def read(self, kind: str, key: str) -> dict[str, Any] | None:
        """The document of that key."""
        this = (_documents.c.kind == kind) & (_documents.c.key == key)
        with self._reading() as connection:
            body = connection.scalar(select(_documents.c.body).where(this))
        return None if body is None else json.loads(body)

    def every(self, kind: str) -> Sequence[tuple[str, dict[str, Any]]]:
        """All documents of a kind, oldest first."""
        wanted = select(_documents).where(_documents.c.kind == kind).order_by(_documents.c.number)
        with self._reading() as connection:
            rows = connection.execute(wanted).all()
        return [(row.key, json.loads(row.body)) for row in rows]

    def point(self, name: str, target: str, *, reason: str) -> None:
        """Move a pointer; the move is an event, so its history is under the chain too."""
        self.append(
            Event(
                kind=_MOVED,
                subject=name,
                at=datetime.now(UTC).isoformat(),
                body={"target": target, "before": self.pointer(name), "reason": reason},
            )
        )

    def pointer(self, name: str) -> str | None:
        """What a pointer points at."""
        moves = self.events(kind=_MOVED, subject=name, last=1)
        return moves[0].body["target"] if moves else None

    def history(self, name: str) -> Sequence[Event]:
        """All moves of a pointer, oldest first; `target`, `before` and `reason` are in the body."""
        return self.events(kind=_MOVED, subject=name)

    def head(self) -> str:
        """The hash of the newest event: whoever keeps it can later show that the past was not edited."""
        with self._reading() as connection:
            return connection.scalar(select(_events.c.hash).order_by(_events.c.number.desc())) or BEGINNING

    def verify(self, *, heads: Sequence[str] = ()) -> int:
        """Walk the whole chain and the database's own check; return the number of events.

        Args:
            heads: hashes that were once `head()` (a certificate holds one); each must still be in the chain, which
                shows that the end was not cut off either.

        Raises:
            LedgerError: if an event was changed, removed or put in, or the file is damaged.
        """
        with self._reading() as connection:
            self._sound(connection)
            rows = connection.execute(select(_events).order_by(_events.c.number)).all()
        previous, missing = BEGINNING, set(heads) - {BEGINNING}
        for number, row in enumerate(rows, 1):
            previous = link_hash(previous, _link(row))
            missing.discard(previous)
            if row.number != number or row.hash != previous:
                raise self._edited(f"event {number} is not what was recorded")
        if missing:
            raise self._edited(f"{len(missing)} event(s) that a certificate refers to are gone")
        return len(rows)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def _edited(self, what: str) -> LedgerError:
        return LedgerError(
            f"the history was edited: {what}",
            where=self.where,
            fix="restore the ledger from a backup; trust no later event",
        )

    def _known(self, connection: Connection) -> bool:
        tables = set(inspect(connection).get_table_names())
        if _schema.name not in tables:
            strangers = tables - set(_tables.tables)
            if strangers and self.engine.dialect.name == "sqlite":
                raise LedgerError(
                    f"this database is no ledger: it holds {', '.join(sorted(strangers))}",
                    where=self.where,
                    fix="name another file in ROADWORTHY_LEDGER; this one was left as it is",
                )
            return False
        version = connection.scalar(select(func.max(_schema.c.version)))
        if version is not None and version > SCHEMA:
            raise LedgerError(
                f"the ledger was written by a newer roadworthy (layout {version}, this one knows {SCHEMA})",
                where=self.where,
                fix="update roadworthy: pip install --upgrade roadworthy",
            )
        return version is not None

    def _sound(self, connection: Connection) -> None:
        if self.engine.dialect.name != "sqlite":
            return
        said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if said != "ok":
            raise LedgerError(f"the ledger file is damaged: {said}", where=self.where, fix="restore it from a backup")

    def _text(self, value: Any) -> str:
        try:
            return canonical(value).decode()
        except (TypeError, ValueError) as err:
            raise LedgerError(
                f"this cannot be recorded: {err}", where=self.where, fix="record numbers, text, lists and dicts only"
            ) from err

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._explained(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One writer at a time, from the first look to the commit: the chain must not fork."""
        with self._explained(), self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.exec_driver_sql("COMMIT")
                except BaseException:
                    _undo(connection)
                    raise
            else:
                with connection.begin():
                    connection.execute(select(func.pg_advisory_xact_lock(_WRITERS)))
                    yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, UnicodeError) as err:
            raise explain(err, where=self.where) from err
        except SQLAlchemyError as err:
            raise LedgerError(
                f"the ledger did not answer: {err}", where=self.where, fix="look at the database, then run this again"
            ) from err


def _undo(connection: Connection) -> None:
    """Roll back if the database has not done so itself (it does when the disk is full)."""
    raw = connection.connection.dbapi_connection
    if raw is not None and getattr(raw, "in_transaction", False):
        connection.exec_driver_sql("ROLLBACK")


def _address(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError as err:
        raise LedgerError(
            f"{without_secrets(url)!r} is no address of a ledger", where="ROADWORTHY_LEDGER", fix=_ADDRESSES
        ) from err
    backend = place.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        fix = f"{did_you_mean(backend, ('sqlite', 'postgresql'))} {_ADDRESSES}"
        raise LedgerError(f"no ledger is kept in {backend!r}", where="ROADWORTHY_LEDGER", fix=fix)
    return place.set(drivername="postgresql+pg8000") if backend == "postgresql" else place


_ADDRESSES = "write sqlite:///ledger.db, sqlite:////absolute/ledger.db or postgresql://user@host/database"


def _sqlite(place: URL, patience: float) -> Engine:
    if place.database and place.database != ":memory:":
        try:
            with explained(Path(place.database)):
                Path(place.database).parent.mkdir(parents=True, exist_ok=True)
        except (PlaceError, OSError) as err:
            raise LedgerError(
                f"the ledger's folder cannot be made: {getattr(err, 'what', err)}",
                where=place.database,
                fix="name a file in a folder that you own in ROADWORTHY_LEDGER",
            ) from err
    # AUTOCOMMIT: transactions are begun in words, since the driver's own begin would not take the write lock at once.
    engine = create_engine(place, isolation_level="AUTOCOMMIT", connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def settle(raw: Any, _: object) -> None:
        raw.execute("PRAGMA journal_mode = WAL").close()
        raw.execute("PRAGMA synchronous = FULL").close()

    return engine


def _postgres(place: URL, patience: float) -> Engine:
    engine = create_engine(place, connect_args={"timeout": max(1, int(patience))})

    @event.listens_for(engine, "connect")
    def settle(raw: Any, _: object) -> None:
        raw.autocommit = True
        raw.cursor().execute(f"SET lock_timeout = {int(patience * 1000)}")
        # the time was for connecting; a statement may take as long as a lock may
        raw.autocommit = False

    return engine


def _link(row: Row[Any]) -> Link:
    return Link(number=row.number, kind=row.kind, subject=row.subject, at=row.at, run=row.run, body=row.body)


def _event(row: Row[Any]) -> Event:
    return Event(kind=row.kind, subject=row.subject, at=row.at, body=json.loads(row.body), run=row.run)
