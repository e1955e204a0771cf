"""The same small shop in each database, each at a server that really runs."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import duckdb
import pg8000.native
import pymysql
import pytest

SERVERS = {"postgresql": "ROADWORTHY_TEST_POSTGRES", "mysql": "ROADWORTHY_TEST_MYSQL"}


@cache
def server(backend: str) -> str:
    """The address of a test server; without one the test is skipped, and fails where CI must have started it."""
    named = os.environ.get(SERVERS[backend], "")
    if not named:
        words = f"FOR WANT OF A SERVER: set {SERVERS[backend]} to {backend}://... of an empty database"
        pytest.fail(words) if os.environ.get("CI") else pytest.skip(f"SKIPPED {words}")
    parts = urlsplit(named)
    # a database for each worker of the test run: they share the server
    own = f"{parts.path[1:]}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    url = f"{backend}://{parts.netloc}/"
    connection = open_for_writing(backend, url + parts.path[1:], Path())
    with contextlib.suppress(pg8000.native.DatabaseError, pymysql.err.ProgrammingError):
        statement(connection, f"CREATE DATABASE {own}")
    connection.close()
    return url + own


def open_for_writing(backend: str, url: str, tmp_path: Path):
    """A connection of the test's own, which may do what ours may not."""
    parts = urlsplit(url)
    if backend == "sqlite":
        return sqlite3.connect(tmp_path / "shop.db")
    if backend == "duckdb":
        return duckdb.connect(str(tmp_path / "shop.duckdb"))
    if backend == "postgresql":
        return pg8000.native.Connection(
            parts.username, host=parts.hostname, port=parts.port, database=parts.path[1:], password=parts.password
        )
    return pymysql.connect(
        host=parts.hostname, port=parts.port, user=parts.username, database=parts.path[1:], autocommit=True
    )


def statement(connection, sql: str) -> None:
    if isinstance(connection, pg8000.native.Connection):
        connection.run(sql)
    elif isinstance(connection, pymysql.connections.Connection):
        connection.cursor().execute(sql)
    else:
        connection.execute(sql)
        connection.commit()


@pytest.fixture(params=["sqlite", "duckdb", "postgresql", "mysql"])
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def database(backend: str, tmp_path: Path) -> Iterator[SimpleNamespace]:
    """An address, and a way to change what lies there; tables are dropped before and after."""
    urls = {"sqlite": "sqlite:///shop.db", "duckdb": "duckdb:///shop.duckdb"}
    url = urls.get(backend) or server(backend)

    def run(*statements: str) -> None:
        connection = open_for_writing(backend, url, tmp_path)
        try:
            for sql in statements:
                statement(connection, sql)
        finally:
            connection.close()

    def drop() -> None:
        for table in ("orders", "odd", "plain", "big", "pairs"):
            with contextlib.suppress(Exception):
                run(f"DROP TABLE IF EXISTS {table}")

    drop()
    name = {"sqlite": "shop.db", "duckdb": "shop.duckdb"}.get(backend) or urlsplit(url).path[1:]
    yield SimpleNamespace(url=url, run=run, backend=backend, name=name)
    drop()


ORDERS = (
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, repaid VARCHAR(8), amount DECIMAL(10,2), agreed VARCHAR(8))",
    "INSERT INTO orders VALUES (3, 'no', 0.10, 'yes'), (1, 'yes', 12345678.90, 'yes'), (2, 'yes', NULL, 'no')",
)


@pytest.fixture
def shop(database: SimpleNamespace) -> SimpleNamespace:
    database.run(*ORDERS)
    return database
