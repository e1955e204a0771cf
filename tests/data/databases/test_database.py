"""Rows of a database: exact, in a fixed order, named by their key, and never written to."""

import decimal
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from roadworthy.data.places import source_files
from roadworthy.data.source import RawTable, SourceContext
from roadworthy.data.sources.database import database as read_database
from roadworthy.declare.data import Data, Source
from roadworthy.kernel.errors import DataError, RoadworthyError, SourceError
from roadworthy.kernel.finding import Finding
from roadworthy.kernel.ports import Silent
from roadworthy.kernel.records import SourceFile


def read(database: SimpleNamespace, root: Path, **options: Any) -> SimpleNamespace:
    declared = Source(kind="database", options={"url": database.url, **options})
    context = SourceContext(root=root, target="repaid", data=Data(sources=(declared,)), progress=Silent())
    given = list(read_database(declared, context=context))
    parts = [one for one in given if isinstance(one, RawTable)]
    return SimpleNamespace(
        parts=parts,
        frame=pl.concat([one.frame for one in parts]),
        names=[name for one in parts for name in one.row_names()],
        findings=[one for one in given if isinstance(one, Finding)],
        files=[one for one in given if isinstance(one, SourceFile)],
        declared=declared,
    )


def contents(database: SimpleNamespace, root: Path, **options: Any) -> list[SourceFile]:
    return read_database.contents(Source(kind="database", options={"url": database.url, **options}), root=root)


def test_rows_in_the_order_of_their_key_with_exact_values(shop, tmp_path):
    got = read(shop, tmp_path, table="orders", part=2)
    assert [part.frame.height for part in got.parts] == [2, 1]
    assert got.names == [f"{shop.name}:orders:{number}" for number in (1, 2, 3)]
    assert got.frame["id"].to_list() == [1, 2, 3]
    assert got.frame["repaid"].to_list() == ["yes", "yes", "no"]
    if shop.backend != "sqlite":
        assert got.frame["amount"].to_list() == [decimal.Decimal("12345678.90"), None, decimal.Decimal("0.10")]
        assert got.frame.schema["amount"] == pl.Decimal(10, 2)
    else:
        assert got.frame["amount"].to_list() == [12345678.9, None, 0.1]


def test_the_content_address_is_of_the_rows_whatever_their_parts_and_tells_every_change(shop, tmp_path):
    asked = {"table": "orders"}
    (before,) = contents(shop, tmp_path, **asked)
    assert [before] == contents(shop, tmp_path, **asked, part=1)
    assert [before] == read(shop, tmp_path, **asked, part=1).files
    shop.run("UPDATE orders SET agreed = 'yes' WHERE id = 2")
    (changed,) = contents(shop, tmp_path, **asked)
    assert (changed.path, changed.sha256) != (before.path, before.sha256)
    assert changed.path == before.path
    shop.run("UPDATE orders SET agreed = 'no' WHERE id = 2")
    assert contents(shop, tmp_path, **asked) == [before]
    shop.run("DELETE FROM orders WHERE id = 2")
    assert contents(shop, tmp_path, **asked) != [before]


def test_a_declared_version_stands_for_the_rows(shop, tmp_path):
    asked = {"table": "orders", "version": "SELECT count(*), max(id) FROM orders"}
    before = contents(shop, tmp_path, **asked)
    assert read(shop, tmp_path, **asked).files == before
    shop.run("UPDATE orders SET agreed = 'yes'")
    assert contents(shop, tmp_path, **asked) == before
    shop.run("INSERT INTO orders VALUES (9, 'no', 1, 'no')")
    assert contents(shop, tmp_path, **asked) != before


def test_a_query_with_columns_a_key_and_a_limit(shop, tmp_path):
    query = "WITH many AS (SELECT * FROM orders) SELECT id, agreed, 'x' AS \"my name\" FROM many -- all;"
    query = query.replace(";", "").replace('"', "`" if shop.backend == "mysql" else '"')
    got = read(shop, tmp_path, query=query, key="agreed", columns=["my name", "id"], limit=2)
    assert got.frame.columns == ["my name", "id"]
    assert got.frame.rows() == [("x", 2), ("x", 1)]
    assert [name.rpartition(":")[2] for name in got.names] == ["no", "yes"]
    again = read(shop, tmp_path, query=query, key=["agreed"])
    assert sorted(name.rpartition(":")[2] for name in again.names) == ["no", "yes", "yes#2"]


def test_a_table_without_a_key_is_read_in_the_order_of_its_columns(database, tmp_path):
    database.run(
        "CREATE TABLE plain (a VARCHAR(5), b INTEGER)", "INSERT INTO plain VALUES ('b', 1), ('a', 2), ('a', 1)"
    )
    got = read(database, tmp_path, table="plain", part=2)
    if database.backend == "sqlite":
        assert got.names == [f"shop.db:plain:{number}" for number in (1, 2, 3)]
        assert got.frame.rows() == [("b", 1), ("a", 2), ("a", 1)]
    else:
        assert got.names == [f"{database.name}:plain:{number}" for number in (1, 2, 3)]
        assert got.frame.rows() == [("a", 1), ("a", 2), ("b", 1)]


def test_a_key_of_two_columns_names_rows_without_mixing_them_up(database, tmp_path):
    database.run(
        "CREATE TABLE pairs (a VARCHAR(9), b VARCHAR(9), PRIMARY KEY (b, a))",
        "INSERT INTO pairs VALUES ('x,y', 'z'), ('x', 'y,z')",
    )
    names = read(database, tmp_path, table="pairs").names
    assert {name.rpartition(":")[2] for name in names} == {"z,x\\,y", "y\\,z,x"}


def test_names_with_any_character(database, tmp_path):
    tick = "`" if database.backend == "mysql" else '"'
    table = f"{tick}or{tick}{tick}d; DROP TABLE x --{tick}"
    column = f"{tick}a {tick}{tick} b{tick}"
    database.run(
        f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} ({column} INTEGER)", f"INSERT INTO {table} VALUES (7)"
    )
    try:
        got = read(database, tmp_path, table=f"or{tick}d; DROP TABLE x --", schema="")
        assert got.frame.to_dict(as_series=False) == {f"a {tick} b": [7]}
    finally:
        database.run(f"DROP TABLE {table}")


ODD = {
    "duckdb": (
        "CREATE TABLE odd (id INTEGER PRIMARY KEY, huge HUGEINT, wide UBIGINT, price DECIMAL(38,4), "
        "raw BLOB, doc JSON, list INTEGER[], moment TIMESTAMPTZ, local TIMESTAMP, day DATE, hour TIME, "
        "mark UUID, ok BOOLEAN, short FLOAT, f DOUBLE)",
        "INSERT INTO odd VALUES (1, 170141183460469231731687303715884105727, 18446744073709551615, "
        "1234567890123456789012345678901234.5678, '\\xFF\\x00'::BLOB, '{\"b\": 1.0, \"a\": [null]}', [1, NULL], "
        "'2024-03-31 01:30:00.123456+02', '2024-02-29 23:59:59.000001', '0001-01-01', '23:59:59.999999', "
        "'6e1cfba8-5a8e-4d0c-9a53-000000000001', true, 0.1, 0.1), (2" + ", NULL" * 14 + ")",
    ),
    "postgresql": (
        "CREATE TABLE odd (id INTEGER PRIMARY KEY, huge NUMERIC, wide NUMERIC(20), price NUMERIC(38,4), "
        "raw BYTEA, doc JSON, list INTEGER[], moment TIMESTAMPTZ, local TIMESTAMP, day DATE, hour TIME, "
        "mark UUID, ok BOOLEAN, short REAL, f DOUBLE PRECISION)",
        "INSERT INTO odd VALUES (1, 170141183460469231731687303715884105727, 18446744073709551615, "
        "1234567890123456789012345678901234.5678, '\\xFF00', '{\"b\": 1.0, \"a\": [null]}', '{1,NULL}', "
        "'2024-03-31 01:30:00.123456+02', '2024-02-29 23:59:59.000001', '0001-01-01', '23:59:59.999999', "
        "'6e1cfba8-5a8e-4d0c-9a53-000000000001', true, 0.1, 0.1), (2" + ", NULL" * 14 + ")",
    ),
    "mysql": (
        "CREATE TABLE odd (id INTEGER PRIMARY KEY, huge DECIMAL(65,0), wide BIGINT UNSIGNED, price DECIMAL(38,4), "
        "raw VARBINARY(9), doc JSON, list TEXT, moment TIMESTAMP(6) NULL, local DATETIME(6), day DATE, hour TIME(6), "
        "mark CHAR(36), ok BIT(1), short FLOAT, f DOUBLE)",
        "SET time_zone = '+02:00'",
        "INSERT INTO odd VALUES (1, 170141183460469231731687303715884105727, 18446744073709551615, "
        "1234567890123456789012345678901234.5678, x'FF00', '{\"b\": 1.0, \"a\": [null]}', '[1,null]', "
        "'2024-03-31 01:30:00.123456', '2024-02-29 23:59:59.000001', '0001-01-01', '23:59:59.999999', "
        "'6e1cfba8-5a8e-4d0c-9a53-000000000001', 1, 0.1, 0.1), (2" + ", NULL" * 14 + ")",
    ),
}


def test_every_type_exactly(database, tmp_path):
    if database.backend not in ODD:
        pytest.skip("values of SQLite have no declared type; see below")
    database.run(*ODD[database.backend])
    frame = read(database, tmp_path, table="odd").frame
    first = frame.row(0, named=True)
    assert frame.row(1) == (2, *[None] * 14)
    assert str(first["huge"]) == "170141183460469231731687303715884105727"
    assert int(first["wide"]) == 18446744073709551615
    assert first["price"] == decimal.Decimal("1234567890123456789012345678901234.5678")
    assert first["raw"] == b"\xff\x00"
    assert first["doc"] == '{"b": 1.0, "a": [null]}'
    assert first["list"] == "[1,null]"
    assert first["moment"] == datetime(2024, 3, 30, 23, 30, 0, 123456, tzinfo=UTC)
    assert first["local"] == datetime(2024, 2, 29, 23, 59, 59, 1, tzinfo=UTC).replace(tzinfo=None)
    assert first["day"] == date(1, 1, 1)
    assert first["hour"] in (time(23, 59, 59, 999999), "23:59:59.999999")
    assert first["mark"] == "6e1cfba8-5a8e-4d0c-9a53-000000000001"
    assert first["ok"] in (True, 1)
    assert first["f"] == 0.1
    assert first["short"] == pytest.approx(0.1, abs=1e-8)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_what_no_type_can_hold_is_missing_and_named(database, tmp_path):
    database.run(
        "CREATE TABLE odd (id INTEGER PRIMARY KEY, at TIMESTAMPTZ, price NUMERIC(5,1), free NUMERIC)",
        "INSERT INTO odd VALUES (1, 'infinity', 'NaN', 'NaN'), (2, '2024-01-01 00:00+00', 1.5, 1.50)",
    )
    got = read(database, tmp_path, table="odd", part=1)
    assert got.frame["price"].to_list() == [None, decimal.Decimal("1.5")]
    assert got.frame["free"].to_list() == ["NaN", "1.50"]
    told = {one.subject: one for one in got.findings}
    assert {one.check for one in got.findings} == {"data.types"}
    assert told["at"].evidence["values"] == ["infinity"]
    assert told["price"].evidence["rows"] == [f"{database.name}:odd:1"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_sqlite_columns_hold_what_they_hold(database, tmp_path):
    database.run(
        "CREATE TABLE odd (whole INT, mixed INT, real INT, long REAL, raw, text_and_raw, empty)",
        "INSERT INTO odd VALUES (9223372036854775807, 1, 1, 1.5, x'ff', 'a', NULL)",
        "INSERT INTO odd VALUES (-9223372036854775808, 'n/a', 0.1, 2, x'', x'00', NULL)",
        "CREATE TABLE big (a)",
        "INSERT INTO big VALUES (9007199254740993), (0.5)",
        "INSERT INTO big VALUES (CAST(x'61ff' AS TEXT))",
    )
    frame = read(database, tmp_path, table="odd").frame
    assert frame.to_dict(as_series=False) == {
        "whole": [2**63 - 1, -(2**63)],
        "mixed": ["1", "n/a"],
        "real": [1.0, 0.1],
        "long": [1.5, 2.0],
        "raw": [b"\xff", b""],
        "text_and_raw": ["a", "x'00'"],
        "empty": [None, None],
    }
    assert read(database, tmp_path, table="big").frame["a"].to_list() == ["9007199254740993", "0.5", "a\\xff"]


WRITES = (
    "INSERT INTO orders VALUES (9, 'no', 1, 'no')",
    "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone",
    "SELECT 1; DELETE FROM orders",
    "SELECT * INTO copied FROM orders",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT 1 /*! INTO @x */",
    "DROP TABLE orders",
    "PRAGMA user_version = 3",
    "ATTACH 'x.db' AS x",
    "COPY orders TO '/tmp/orders.csv'",
    "",
)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("query", WRITES)
def test_anything_but_one_select_is_refused(shop, tmp_path, query):
    with pytest.raises(SourceError, match=r"the query|needs a table or a query"):
        read(shop, tmp_path, query=query)


def test_the_session_itself_cannot_write(shop, tmp_path, monkeypatch):
    """The look at the words is for clear messages; what keeps us from writing is how the database is opened."""
    monkeypatch.setattr("roadworthy.data.databases.statement.only_reads", str)
    monkeypatch.setattr("roadworthy.data.sources.database.only_reads", str)
    before = contents(shop, tmp_path, table="orders")
    for version in ("DELETE FROM orders", "UPDATE orders SET agreed = 'no'", "CREATE TABLE more (a INTEGER)"):
        with pytest.raises(SourceError, match="refused to answer"):
            contents(shop, tmp_path, table="orders", version=version)
    assert contents(shop, tmp_path, table="orders") == before


@pytest.mark.parametrize("backend", ["duckdb"], indirect=True)
def test_a_query_cannot_read_files_of_the_machine(shop, tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with pytest.raises(SourceError, match=r"(?i)disabled"):
        read(shop, tmp_path, query=f"SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')")


SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS m FROM n",
    "duckdb": "SELECT count(*) AS m FROM range(10000000000) a(i) WHERE sin(i) > 2",
    "postgresql": "SELECT pg_sleep(30)::text AS m",
    "mysql": "SELECT sleep(30) AS m",
}


def test_a_statement_that_takes_too_long_is_ended(shop, tmp_path):
    with pytest.raises(SourceError, match="longer than the declared timeout"):
        read(shop, tmp_path, query=SLOW[shop.backend], timeout="300ms")


def test_clear_errors(shop, tmp_path):
    cases: list[tuple[dict[str, Any], type[RoadworthyError], str]] = [
        ({}, SourceError, "needs a table or a query"),
        ({"table": "orders", "query": "SELECT 1"}, SourceError, "needs a table or a query"),
        ({"table": "order"}, SourceError, "refused to answer"),
        ({"table": "orders", "columns": ["amuont"]}, DataError, 'did you mean "amount"'),
        ({"table": "orders", "key": "idd"}, DataError, 'did you mean "id"'),
        ({"table": "orders", "limit": 0}, SourceError, "no number of rows"),
        ({"table": "orders", "key": 7}, SourceError, "names no columns"),
        ({"table": "orders", "tabel": "x"}, SourceError, 'did you mean "table"'),
        ({"table": "orders", "query": "SELECT 1 AS a, 2 AS a", "columns": []}, SourceError, "needs a table or a query"),
        ({"query": "SELECT * FROM orders WHERE id > 99"}, SourceError, "holds no row"),
    ]
    for options, kind, words in cases:
        with pytest.raises(kind, match=words):
            read(shop, tmp_path, **options)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///none.db", "there is no database file"),
        ("sqlite://", "names no sqlite file"),
        ("sqlite:///:memory:", "names no sqlite file"),
        ("oracle://ada@host/db", "no database is read by"),
        ("postgres", "no database is read by"),
        ("postgresql://host/db", "needs user, host and database"),
        ("postgresql://ada@host/db?sslmod=require", 'did you mean "sslmode"'),
        ("postgresql://ada@host/db?sslmode=on", "is no sslmode"),
        ("postgresql://ada@host:port/db", "no address of a database"),
        ("postgresql://ada@127.0.0.1:1/db", "cannot be opened"),
        ("mysql://ada@127.0.0.1:1/db", "cannot be opened"),
    ],
)
def test_addresses_that_name_no_database(tmp_path, url, words):
    with pytest.raises(SourceError, match=words):
        contents(SimpleNamespace(url=url), tmp_path, table="t")
    (tmp_path / "text.db").write_text("no database at all, but long enough to be looked at " * 40)
    for backend in ("sqlite", "duckdb"):
        with pytest.raises(SourceError, match="cannot be opened"):
            contents(SimpleNamespace(url=f"{backend}:///text.db"), tmp_path, table="t")


def test_a_run_of_the_data_stage_notices_a_changed_row_and_holds_consent(shop, tmp_path, make):
    declared = Source(
        kind="database",
        consent_column="agreed",
        options={"url": shop.url, "table": "orders", "columns": ["id", "repaid", "agreed"]},
    )
    shop.run("INSERT INTO orders VALUES (4, 'yes', 1, 'no'), (5, 'yes', 1, 'Yes')")
    declaration = make.declared(declared, positive="yes", target="repaid")
    made = make.acquired(declaration, tmp_path)
    table = pl.read_parquet(tmp_path / "out" / "table.parquet")
    assert table["row_key"].to_list() == [f"{shop.name}:orders:{number}" for number in (1, 3, 5)]
    (consent,) = [one for one in made.findings if one.check == "data.consent"]
    assert consent.measured == 2.0
    assert made.snapshot.sources == source_files(declaration, tmp_path, sources=make.SOURCES)
    shop.run("UPDATE orders SET agreed = 'no' WHERE id = 5")
    assert made.snapshot.sources != source_files(declaration, tmp_path, sources=make.SOURCES)
